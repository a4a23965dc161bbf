package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gasp/internal/source"
)

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
	s.charge(f)
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
		s.charge(f)
		s.uncharge(f.path)
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
		s.uncharge(earlier)
		remove(earlier)
	} else if !errors.Is(err, os.ErrNotExist) {
		s.say(fmt.Sprintf("%s stays beside %s, which tells more: %v", earlier, f.path, reason(err)))
	}
}
