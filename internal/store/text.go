package store

import (
	"fmt"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

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
