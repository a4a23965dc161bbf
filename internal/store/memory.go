package store

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// memory is what is remembered of a report, to write it anew in its order when records came late.
type memory struct {
	title     string
	before    []byte
	lines     []line // as they came
	size      int
	disorder  bool // something came out of its order
	forgotten bool // it was too much
}

// line is a record of a report, safe to show.
type line struct {
	seq            uint64
	cont, headline bool
	text           []byte
}

const (
	// maxRemembered is how many bytes of one report are remembered, and maxMemory of all.
	maxRemembered = 1 << 20
	maxMemory     = 32 << 20
	// maxClosed is how many reports are remembered that are closed.
	maxClosed = 64
	// lineOverhead is about what a line takes besides its bytes.
	lineOverhead = 64
)

// take makes room for n bytes of a report, or gives its memory up.
func (s *Store) take(f *folder, n int) bool {
	n += lineOverhead
	m := &f.memory
	if m.forgotten {
		return false
	}
	if m.size+n > maxRemembered || s.remembered+n > maxMemory {
		s.release(f)
		return false
	}
	m.size += n
	s.remembered += n
	return true
}

func (s *Store) remember(f *folder, r *source.Record, text []byte) {
	if !s.take(f, len(text)) {
		return
	}
	m := &f.memory
	if r.Headline && slices.ContainsFunc(m.lines, func(l line) bool { return l.headline }) {
		m.lines = slices.DeleteFunc(m.lines, func(l line) bool { return l.headline })
		m.disorder = true
	}
	m.lines = append(m.lines, line{r.Seq, r.Cont, r.Headline, bytes.Clone(text)})
}

func (s *Store) release(f *folder) {
	s.remembered -= f.memory.size
	f.memory = memory{forgotten: true}
}

// forget gives up closed reports when there are too many, the oldest first.
func (s *Store) forget() {
	for len(s.closed) > maxClosed || len(s.closed) > 0 && s.remembered > maxMemory/2 {
		id := s.closed[0]
		s.closed = slices.Delete(s.closed, 0, 1)
		if f := s.folders[id]; f != nil {
			s.flush(f)
			s.release(f)
			delete(s.folders, id)
		}
	}
}

// finish ends report.txt, and puts one in place that has every record where it belongs if they are not.
// It returns the text, as far as it can be had.
func (s *Store) finish(c *source.Crash, f *folder, m *Summary, verdict string) string {
	if f.text.lost > 0 {
		f.memory.disorder = true
	}
	var text string
	if f.memory.forgotten {
		s.flush(f)
		text = readText(f.text.path)
	} else {
		text = string(f.memory.text(c))
	}
	end := s.symbolized(text, m) + verdict
	if !f.memory.disorder || f.memory.forgotten {
		s.writeText(f, end)
		s.flush(f)
		return text
	}
	f.text.buf, f.text.pieces = f.text.buf[:0], 0
	if err := s.put(f.text.path, []byte(text+end)); err != nil {
		s.say(fmt.Sprintf("%s is not put into its order: %v", f.text.path, reason(err)))
		s.writeText(f, end)
		s.flush(f)
		return text
	}
	f.text.size, f.text.lost, f.text.over = int64(len(text)+len(end)), 0, 0
	return text
}

// text is the report in its order.
func (m *memory) text(c *source.Crash) []byte {
	lines := slices.Clone(m.lines)
	if c.Extended {
		slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.seq, b.seq) })
	}
	text := []byte(m.title)
	next, titled := uint64(0), false
	head := func(l line) bool { return l.headline }
	if i := slices.IndexFunc(lines, head); i >= 0 {
		text = append(append(text, lines[i].text...), '\n')
		if !c.Bare {
			next = lines[i].seq + 1
		}
		lines = slices.Delete(lines, i, i+1)
	}
	if len(m.before) > 0 || len(lines) > 0 && c.Form != wire.Kept {
		text = append(append(text, beforeTitle...), m.before...)
	}
	for i, l := range lines {
		if c.Numbered() && i+1 < len(lines) && lines[i+1].seq == l.seq {
			continue // came damaged, and whole later
		}
		if !titled {
			text, titled = append(text, reportTitle...), true
		}
		missing := c.Numbered() && next != 0 && l.seq > next
		if (!l.cont || missing) && text[len(text)-1] != '\n' {
			text = append(text, '\n')
		}
		if missing {
			text = append(text, source.MissingText(next, l.seq-1)+"\n"...)
		}
		text = append(text, l.text...)
		next = l.seq + 1
	}
	if text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return text
}
