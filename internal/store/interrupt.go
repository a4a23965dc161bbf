package store

import (
	"fmt"
	"path/filepath"
)

// interruptedVerdict is that of a report of which nobody knows what is missing.
const interruptedVerdict = "INTERRUPTED: the receiver ended while the report came in"

// interrupt closes a report of which the end was left out.
func (s *Store) interrupt(f *folder) {
	f.open = false
	s.finishLine(f)
	s.countDatagrams(f)
	if f.made {
		s.close(f.path, f.summary)
	}
}

// close closes the report of a folder that an earlier run left open, with what it says so far as data.
func (s *Store) close(folder string, m *Summary) {
	m.State, m.Complete, m.Verdict = Interrupted, false, interruptedVerdict
	m.Report, m.Group = parse(readText(filepath.Join(folder, textName)), m)
	if err := s.writeSummary(folder, m); err != nil {
		s.say(fmt.Sprintf("%s is not written: %v", filepath.Join(folder, summaryName), reason(err)))
	}
}
