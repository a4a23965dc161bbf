package store

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// folder is where a report is written as it comes in.
type folder struct {
	path    string
	open    bool
	made    bool // it is there
	section section
	next    uint64 // the number that follows the last one written
	ended   bool   // the last line has its newline
	summary *Summary
	memory  memory // to bring the report into its order
	text    output
	packets output
	heard   uint64 // datagrams
	records uint64 // of the report
}

// section is the part of report.txt that was written last.
type section int

const (
	inHeadline section = iota
	inBefore
	inReport
)

// The bounds of a report's files, in bytes.
const (
	maxText    = 64 << 20
	maxPackets = 16 << 20
)

var errNames = errors.New("no free name for the folder")

// CrashBegin makes the folder of a report.
func (s *Store) CrashBegin(c *source.Crash) {
	if !c.Known && c.Folder != "" {
		s.begin(c, &folder{ended: true})
	}
}

// begin gives a report the folder that was decided.
func (s *Store) begin(c *source.Crash, f *folder) {
	f.path, f.open, f.made = c.Folder, true, false
	if len(s.folders) >= maxFolders {
		s.evict()
	}
	s.folders[c.ID] = f
	f.memory.title = title(c)
	f.summary = describe(c)
	s.makeFolder(f)
	s.writeText(f, f.memory.title)
}

// makeFolder makes the folder, with report.json in it: whatever happens, there is none without. If that
// fails it is tried again at the end.
func (s *Store) makeFolder(f *folder) {
	base := f.path
	err := s.tryFolder(f)
	const tries = 100
	for i := 2; exists(err) && i < tries; i++ {
		// Somebody else stores here too, or this host was not known.
		f.path = fmt.Sprintf("%s-%d", base, i)
		if err = s.tryFolder(f); err == nil {
			s.say(fmt.Sprintf("%s is there already, the report is in %s", base, f.path))
		}
	}
	f.text = output{path: filepath.Join(f.path, textName), limit: maxText, lost: f.text.lost}
	f.packets = output{path: filepath.Join(f.path, datagramName), limit: maxPackets, lost: f.packets.lost}
	if exists(err) {
		err = errNames
	}
	if err != nil {
		s.say(fmt.Sprintf("%s is not stored: %v", f.path, reason(err)))
		return
	}
	f.made = true
	s.index.made(f.path)
}

// newPrefix begins the name of a folder that is not whole yet.
const newPrefix = ".new-"

func (s *Store) tryFolder(f *folder) error {
	made := filepath.Join(filepath.Dir(f.path), newPrefix+filepath.Base(f.path))
	remove(made)
	err := os.MkdirAll(made, folderMode)
	if err == nil {
		f.summary.ID = id(f.path)
		err = s.putJSON(filepath.Join(made, summaryName), f.summary)
	}
	if err == nil {
		err = os.Rename(made, f.path)
	}
	if err != nil {
		remove(made)
	}
	return err
}

// exists says whether a folder could not be made because its name is taken.
func exists(err error) bool {
	return errors.Is(err, os.ErrExist) || errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.ENOTDIR)
}

// maxFolders is how many reports are known at a time. The table has fewer open ones, but the end of one may
// have been left out by the queue.
const maxFolders = 4 * source.MaxSources

// evict gives up the report that began first.
func (s *Store) evict() {
	oldest := slices.Min(slices.Collect(maps.Keys(s.folders)))
	f := s.folders[oldest]
	if f.open {
		s.interrupt(f)
	}
	s.flush(f)
	s.release(f)
	delete(s.folders, oldest)
	s.closed = slices.DeleteFunc(s.closed, func(other uint64) bool { return other == oldest })
}

// title is the first line of report.txt.
func title(c *source.Crash) string {
	kind, where := "crash report", "received"
	switch c.Form {
	case wire.Kept:
		where = "kept over a reset, received"
	case wire.Report:
		kind = "report"
	}
	return fmt.Sprintf("%s of %s, %s %s\n\n", kind, c.From.Host(), where, stamp(c.Began))
}

// folder returns where a report is written, nil if it is not to be.
func (s *Store) folder(c *source.Crash) *folder {
	f := s.folders[c.ID]
	switch {
	case c.Known || c.Folder == "" || c.Worse:
		return nil
	case f != nil && f.open:
		return f
	case f == nil && !c.Reopened:
		f = &folder{ended: true} // its beginning was left out by the queue
		s.begin(c, f)
		return f
	}
	s.reopen(c, f)
	return s.folders[c.ID]
}

// reopen goes on with a report that was closed; f is what is remembered of it, if anything.
func (s *Store) reopen(c *source.Crash, f *folder) {
	s.closed = slices.DeleteFunc(s.closed, func(other uint64) bool { return other == c.ID })
	_, err := os.Stat(c.Folder)
	switch {
	case f != nil && f.summary == nil, f == nil && err != nil:
		// It had been dropped as worth less than another one.
		if f == nil {
			f = &folder{ended: true, memory: memory{forgotten: true}}
		}
		s.begin(c, f)
	case f == nil:
		f = &folder{path: c.Folder, made: true, section: inReport, ended: true, memory: memory{forgotten: true}, summary: describe(c)}
		f.text = output{path: filepath.Join(f.path, textName), limit: maxText}
		f.packets = output{path: filepath.Join(f.path, datagramName), limit: maxPackets}
		for _, o := range []*output{&f.text, &f.packets} {
			if info, err := os.Stat(o.path); err == nil {
				o.size = info.Size()
			}
		}
		if old, err := ReadSummary(f.path); err == nil {
			f.summary.Datagrams, f.heard = old.Datagrams, old.Datagrams.Stored+old.Datagrams.Unwritten
			f.records = old.Records.Received - min(old.Records.Received, old.Records.Unwritten)
		}
		s.folders[c.ID] = f
	}
	f.memory.disorder = true
	f.open = true
	f.summary.State, f.summary.Complete = Receiving, false
	s.save(f)
}

// CrashRecord appends a record to the report.
func (s *Store) CrashRecord(c *source.Crash, r *source.Record) {
	f := s.folder(c)
	if f == nil {
		return
	}
	if !r.Report {
		s.enter(f, inBefore, c)
		s.before(f, r)
		return
	}
	if !r.Headline {
		s.enter(f, inReport, c)
	}
	var text []byte
	switch {
	case !c.Numbered() || c.Bare:
	case r.Seq > f.next && f.next != 0:
		s.finishLine(f)
		text = append(text, source.MissingText(f.next, r.Seq-1)+"\n"...)
		f.next = r.Seq + 1
	case r.Seq < f.next:
		s.finishLine(f)
		text = fmt.Appendf(text, "%s(seq %d): ", lateMark, r.Seq)
		f.memory.disorder = true
	default:
		f.next = r.Seq + 1
	}
	if !r.Cont {
		s.finishLine(f)
	}
	start := len(text)
	text = appendText(text, r.Text, "")
	if r.Damaged {
		text = append(text, " (damaged)"...)
	}
	s.remember(f, r, text[start:])
	// The newline waits, for a continuation may follow.
	f.ended = false
	f.records++
	s.append(&f.text, text)
}

// CrashDatagram appends a datagram to datagrams.pcapng.
func (s *Store) CrashDatagram(c *source.Crash, d *source.Datagram) {
	f := s.folders[c.ID]
	if f == nil || c.Known || c.Worse || f.summary == nil {
		return
	}
	if !f.made {
		f.heard++
		f.packets.lost++
		return
	}
	s.capture(f, d)
	if !f.open { // it came with the last record
		s.countDatagrams(f)
		s.save(f)
	}
}

// Repeated notes that a crash's headline came again, ever more rarely.
func (s *Store) Repeated(c *source.Crash, _ time.Time) {
	if f := s.folders[c.ID]; f != nil && f.summary != nil && !c.Worse && c.Repeats&(c.Repeats-1) == 0 {
		f.summary.Repeats = c.Repeats
		s.save(f)
	}
}

// CrashEnd closes the report with its verdict, or does away with it.
func (s *Store) CrashEnd(c *source.Crash) {
	f := s.folders[c.ID]
	switch {
	case c.Known:
		if _, err := os.Stat(c.Folder); errors.Is(err, os.ErrNotExist) {
			s.say(c.Folder + " was removed; the crash is stored when it comes again")
			s.index.gone(c.Folder)
		}
		return
	case c.Worse:
		if f != nil {
			s.discard(c, f)
		}
		return
	}
	if f = s.folder(c); f == nil {
		return
	}
	f.open = false
	s.closed = append(s.closed, c.ID)
	s.finishLine(f)
	verdict := "\n-- " + c.Verdict() + "\n"
	if !f.made {
		// What could not be written then may be written now: it is remembered.
		f.path = c.Folder
		f.summary = describe(c)
		s.makeFolder(f)
		f.memory.disorder = true
	}
	if !f.made {
		s.index.gone(f.path)
		s.forget()
		return
	}
	m := describe(c)
	m.close(c)
	s.write(&f.text)
	text := s.finish(c, f, m, verdict)
	m.Report, m.Group = parse(text, m)
	f.summary = m
	s.countDatagrams(f)
	s.admit(c, f)
	if c.Replaced != "" {
		s.replace(c.Replaced, f)
	}
	s.save(f)
	s.forget()
}

// admit says of a report that was received, but is not here as a whole, that it is not complete.
func (s *Store) admit(c *source.Crash, f *folder) {
	m := f.summary
	m.Records.Unwritten = max(f.text.lost+f.text.over, c.Received-min(c.Received, f.records))
	if n := m.Records.Unwritten; n > 0 {
		m.Complete, m.State = false, Incomplete
		m.Verdict = fmt.Sprintf("received: %s; %s not written here", m.Verdict, source.Count(n, "record"))
		s.say(fmt.Sprintf("%s lacks %s", f.path, source.Count(n, "record")))
		s.index.lacks(f.path, c.Received-min(c.Received, n))
	}
}

// discard removes a report that tells no more than another one of the same crash.
func (s *Store) discard(c *source.Crash, f *folder) {
	if f.open {
		s.closed = append(s.closed, c.ID)
	}
	if f.made {
		remove(f.path)
	}
	f.open, f.made, f.summary = false, false, nil
	f.text.buf, f.packets.buf = nil, nil
	s.forget()
}

// replace puts the text of an earlier report of the same crash beside this one, in place of its folder.
func (s *Store) replace(earlier string, f *folder) {
	err := os.Rename(filepath.Join(earlier, textName), filepath.Join(f.path, earlierName))
	if err == nil {
		remove(earlier)
	} else if !errors.Is(err, os.ErrNotExist) {
		s.say(fmt.Sprintf("%s stays beside %s, which tells more: %v", earlier, f.path, reason(err)))
	}
}

// remove removes a report's folder, unless somebody put more into it.
func remove(folder string) {
	for _, name := range []string{textName, earlierName, summaryName, oldSummary, datagramName, summaryName + ".new", textName + ".new"} {
		os.Remove(filepath.Join(folder, name))
	}
	os.Remove(folder)
}

// save writes report.json.
func (s *Store) save(f *folder) {
	if !f.made {
		return
	}
	if err := s.writeSummary(f.path, f.summary); err != nil {
		s.say(fmt.Sprintf("%s is not written: %v", filepath.Join(f.path, summaryName), reason(err)))
	}
}

// enter begins a section of report.txt.
func (s *Store) enter(f *folder, to section, c *source.Crash) {
	if f.section >= to {
		return
	}
	s.finishLine(f)
	if f.section < inBefore && (to == inBefore || c.Form != wire.Kept) {
		s.writeText(f, beforeTitle)
		for _, r := range c.Before {
			s.before(f, r)
		}
	}
	if to == inReport {
		s.writeText(f, reportTitle)
	}
	f.section = to
}

// before appends an ordinary record from before the report.
func (s *Store) before(f *folder, r *source.Record) {
	text := appendRecord(nil, r)
	s.writeText(f, string(text))
	if s.take(f, len(text)) {
		f.memory.before = append(f.memory.before, text...)
	}
}

const (
	beforeTitle = "\n-- before the crash\n"
	reportTitle = "\n-- the report\n"
	// lateMark begins a record that came out of its order.
	lateMark = "-- late "
)

func (s *Store) finishLine(f *folder) {
	if !f.ended {
		s.writeText(f, "\n")
		f.ended = true
	}
}

func (s *Store) writeText(f *folder, text string) { s.append(&f.text, []byte(text)) }

// flush writes what is buffered of a report.
func (s *Store) flush(f *folder) {
	if !f.made {
		f.text.lost += f.text.pieces
		f.text.buf, f.text.pieces = f.text.buf[:0], 0
		return
	}
	for _, o := range []*output{&f.text, &f.packets} {
		before := o.lost
		if s.write(o); o.lost > before && before == 0 {
			s.say(fmt.Sprintf("%s is not being written: %v", o.path, reason(o.problem)))
		}
	}
}
