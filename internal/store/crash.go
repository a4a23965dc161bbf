package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

var (
	errCrashes = fmt.Errorf("the host's folder holds %d reports already", maxCrashes)
	errReports = fmt.Errorf("the host's folder holds %d reports on demand already", maxReports)
	errNames   = errors.New("no free name for the folder")
)

// folder is where a report is written as it comes in.
type folder struct {
	path    string
	open    bool
	section section
	next    uint64 // the number that follows the last one written
	ended   bool   // the last line has its newline
	memory  memory // to bring the report into its order
}

// section is the part of report.txt that was written last.
type section int

const (
	inHeadline section = iota
	inBefore
	inReport
)

// CrashBegin makes the folder of a report, unless one is stored that tells all this one can.
func (s *Store) CrashBegin(c *source.Crash) {
	if path, known := s.known(c); known {
		c.Known, c.Folder = true, path
		return
	}
	s.begin(c, &folder{ended: true})
}

// begin gives a report a folder of its own.
func (s *Store) begin(c *source.Crash, f *folder) {
	path, err := s.makeFolder(c)
	if err != nil {
		c.Folder, c.FolderErr = "", reason(err)
		return
	}
	f.path, f.open = path, true
	s.folders[c] = f
	c.Folder, c.FolderErr = path, nil
	f.memory.title = title(c)
	s.write(f, f.memory.title)
	s.writeMeta(c, f)
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

// CrashRecord appends a record to the report.
func (s *Store) CrashRecord(c *source.Crash, r *source.Record) {
	f := s.folders[c]
	if f == nil || !f.open {
		if f = s.reopen(c, f); f == nil {
			return
		}
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
		text = fmt.Appendf(text, "-- late (seq %d): ", r.Seq)
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
	s.append(filepath.Join(f.path, "report.txt"), text, 1)
}

// reopen goes on with a report that was closed; f is what is remembered of it, if anything.
func (s *Store) reopen(c *source.Crash, f *folder) *folder {
	if !c.Reopened || c.Folder == "" {
		return nil
	}
	if f == nil {
		f = &folder{path: c.Folder, section: inReport, ended: true, memory: memory{forgotten: true}}
		s.folders[c] = f
	}
	f.memory.disorder = true
	s.closed = slices.DeleteFunc(s.closed, func(other *source.Crash) bool { return other == c })
	if c.Worse {
		c.Worse = false
		if s.begin(c, f); c.Folder == "" {
			delete(s.folders, c)
			return nil
		}
	}
	f.open = true
	return f
}

// CrashDatagram does nothing yet.
func (s *Store) CrashDatagram(*source.Crash, *source.Datagram) {}

// Repeated notes that a crash's headline came again, ever more rarely.
func (s *Store) Repeated(c *source.Crash, _ time.Time) {
	if c.Repeats&(c.Repeats-1) != 0 {
		return
	}
	if f := s.folders[c]; f != nil && !c.Worse {
		s.writeMeta(c, f)
	}
}

// CrashEnd closes the report with its verdict.
func (s *Store) CrashEnd(c *source.Crash) {
	f := s.folders[c]
	if c.Known {
		return
	}
	if f == nil || !f.open {
		if f = s.reopen(c, f); f == nil {
			return
		}
	}
	f.open = false
	s.closed = append(s.closed, c)
	s.finishLine(f)
	verdict := "\n-- " + c.Verdict() + "\n"
	s.write(f, verdict)
	report := s.file(filepath.Join(f.path, "report.txt"))
	s.flush(report)
	if report.lost > 0 {
		c.FolderErr = errors.New("report.txt could not be written whole")
	}
	report.close()
	delete(s.files, report.path)
	if f.memory.disorder && !f.memory.forgotten {
		s.rewrite(c, f, verdict)
	}
	s.writeMeta(c, f)
	s.compare(c, f)
	s.forget()
}

// makeFolder makes "crash-<time of receipt>-<boot>", or "report-" for a machine that goes on, with
// "-kept" behind it for a crash that outlived a reset, and a number if that exists.
func (s *Store) makeFolder(c *source.Crash) (string, error) {
	host, err := s.hostDir(c.From)
	if err != nil {
		return "", err
	}
	if err := roomFor(host, c.Form); err != nil {
		return "", err
	}
	prefix, suffix := crashPrefix, ""
	switch c.Form {
	case wire.Kept:
		suffix = "-kept"
	case wire.Report:
		prefix = reportPrefix
	}
	path := filepath.Join(host, prefix+c.Began.UTC().Format("20060102T150405Z")+"-"+shortBoot(c)+suffix)
	const tries = 100
	for i := 1; i <= tries; i++ {
		name := path
		if i > 1 {
			name = fmt.Sprintf("%s-%d", path, i)
		}
		if err := os.Mkdir(name, folderMode); !errors.Is(err, os.ErrExist) {
			return name, err
		}
	}
	return "", errNames
}

// What the names of folders begin with.
const (
	crashPrefix  = "crash-"
	reportPrefix = "report-"
)

// shortBoot is the boot as it is in the name of a folder.
func shortBoot(c *source.Crash) string {
	const shown = 8
	if b := c.Boot(); len(b) >= shown {
		return b[:shown]
	}
	return "unknown"
}

func roomFor(host string, form wire.Form) error {
	entries, err := os.ReadDir(host)
	if err != nil {
		return err
	}
	crashes, reports := 0, 0
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), crashPrefix):
			crashes++
		case strings.HasPrefix(e.Name(), reportPrefix):
			reports++
		}
	}
	switch {
	case crashes+reports >= maxCrashes:
		return errCrashes
	case form == wire.Report && reports >= maxReports:
		return errReports
	}
	return nil
}

// enter begins a section of report.txt.
func (s *Store) enter(f *folder, to section, c *source.Crash) {
	if f.section >= to {
		return
	}
	s.finishLine(f)
	if f.section < inBefore && (to == inBefore || c.Form != wire.Kept) {
		s.write(f, beforeTitle)
		for _, r := range c.Before {
			s.before(f, r)
		}
	}
	if to == inReport {
		s.write(f, reportTitle)
	}
	f.section = to
}

// before appends an ordinary record from before the report.
func (s *Store) before(f *folder, r *source.Record) {
	text := appendRecord(nil, r)
	s.write(f, string(text))
	if s.take(f, len(text)) {
		f.memory.before = append(f.memory.before, text...)
	}
}

const (
	beforeTitle = "\n-- before the crash\n"
	reportTitle = "\n-- the report\n"
)

func (s *Store) finishLine(f *folder) {
	if !f.ended {
		s.write(f, "\n")
		f.ended = true
	}
}

func (s *Store) write(f *folder, text string) {
	s.append(filepath.Join(f.path, "report.txt"), []byte(text), 1)
}
