package store

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gasp/internal/source"
)

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
		f.charged = sizeOf(f.path)
		for _, o := range []*output{&f.text, &f.packets} {
			if shared(f.path) {
				o.room = &s.index.room
			}
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
