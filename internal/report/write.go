package report

import (
	"fmt"
	"strings"

	"gasp/internal/printable"
)

// Writer writes a report as text for people. Nothing in it can drive a terminal, whatever the report
// and the image hold.
type Writer struct {
	// Symbols finds what is at addresses, nil if there is no image.
	Symbols *Symbolizer
	// Colour uses the colours of a terminal (ECMA-48 SGR).
	Colour bool

	b strings.Builder
}

// The colours, as SGR parameters.
const (
	Bold  = "1"
	Faint = "2"
	Red   = "31"
	Green = "32"
	Cyan  = "36"
)

// String is what was written so far.
func (w *Writer) String() string { return w.b.String() }

// Paint writes text in a colour, "" for none.
func (w *Writer) Paint(colour, text string) {
	if !w.Colour || colour == "" || text == "" {
		w.b.WriteString(Safe(text))
		return
	}
	w.b.WriteString("\x1b[" + colour + "m" + Safe(text) + "\x1b[0m")
}

// End ends a line.
func (w *Writer) End() { w.b.WriteByte('\n') }

// Title writes a line that stands above others.
func (w *Writer) Title(text string) {
	w.Paint(Bold, text)
	w.End()
}

// Safe makes text safe to show that may be so already, as that of report.txt: unlike printable.Append it
// leaves backslashes alone.
func Safe(text string) string {
	parts := strings.Split(text, `\`)
	for i, part := range parts {
		parts[i] = string(printable.Append(nil, []byte(part)))
	}
	return strings.Join(parts, `\`)
}

// Report writes the stacks, the processors and the other lines.
func (w *Writer) Report(r *Report) {
	for i := range r.Stacks {
		w.stack(&r.Stacks[i])
	}
	for i := range r.CPUs {
		w.cpu(&r.CPUs[i])
	}
	for _, line := range r.Lines {
		w.Paint("", line)
		w.End()
	}
	if r.Dropped > 0 {
		w.Paint(Red, fmt.Sprintf("-- %d more lines are not shown", r.Dropped))
		w.End()
	}
}

func (w *Writer) stack(s *Stack) {
	title := s.Name
	if title == "" {
		title = fmt.Sprintf("goroutine %d [%s", s.Goroutine, s.State)
		if s.Minutes > 0 {
			title += fmt.Sprintf(", %d minutes", s.Minutes)
		}
		if s.Locked {
			title += ", locked to thread"
		}
		title += "]"
	}
	w.Title(title + ":")
	for i := range s.Frames {
		w.frame(&s.Frames[i])
	}
	if f := s.Created; f != nil {
		w.Paint("", "created by "+f.Function)
		if s.Creator > 0 {
			w.Paint("", fmt.Sprintf(" in goroutine %d", s.Creator))
		}
		w.End()
		w.place(f)
	}
	if s.More > 0 {
		text := fmt.Sprintf("and %d more like goroutine %d:", s.More, s.Goroutine)
		for _, id := range s.MoreIDs {
			text += fmt.Sprintf(" %d", id)
		}
		if uint64(len(s.MoreIDs)) < s.More {
			text += " ..."
		}
		w.Paint("", text)
		w.End()
	}
	if s.Stops != "" {
		w.Paint(Red, "traceback stops: "+s.Stops+" ("+s.StopsAt.String()+")")
		w.End()
	}
	for _, a := range s.Words {
		w.Address("on the stack:", a)
	}
}

func (w *Writer) frame(f *Frame) {
	switch {
	case f.Elided > 0:
		w.Paint(Faint, fmt.Sprintf("...%d frames elided...", f.Elided))
		w.End()
		return
	case f.Missing > 0:
		w.Paint(Red, fmt.Sprintf("-- %d records missing", f.Missing))
		w.End()
		return
	case f.NoCode:
		w.Paint(Red, f.PC.String()+": not code of this program")
		if w.Symbols != nil {
			if p, ok := w.Symbols.Place(f.PC); ok {
				w.Paint(Faint, " "+p.String())
			}
		}
		w.End()
		return
	}
	w.Paint(Green, f.Function+"(...)")
	switch {
	case f.Added:
		w.Paint(Faint, " [inlined, from symbols]")
	case f.Inlined:
		w.Paint(Faint, " [inlined]")
	}
	w.End()
	w.place(f)
}

// place writes where a frame is, and the line of source.
func (w *Writer) place(f *Frame) {
	if f.File != "" {
		w.b.WriteByte('\t')
		w.Paint("", fmt.Sprintf("%s:%d", f.File, f.Line))
		if f.Offset != nil {
			w.Paint("", fmt.Sprintf(" +%#x", *f.Offset))
		}
		if f.PC != 0 && !f.Inlined {
			w.Paint(Faint, " "+f.PC.String())
		}
		w.End()
	}
	w.source(f.Source)
}

func (w *Writer) source(line string) {
	if line != "" {
		w.b.WriteString("\t    ")
		w.Paint(Cyan, line)
		w.End()
	}
}

func (w *Writer) cpu(c *CPU) {
	text := fmt.Sprintf("cpu %d: %s", c.Number, c.State)
	if c.Goroutine > 0 {
		text += fmt.Sprintf(" %d", c.Goroutine)
	}
	if f := c.At; f != nil {
		text += ", at " + f.Function
		if f.Offset != nil {
			text += fmt.Sprintf(" +%#x", *f.Offset)
		}
	}
	w.Paint("", text)
	w.End()
	if c.At != nil {
		w.place(c.At)
	}
}

// Address writes a line with a name and an address, and what is there.
func (w *Writer) Address(name string, a Address) {
	w.Paint("", name+" "+a.String())
	if w.Symbols == nil {
		w.End()
		return
	}
	p, ok := w.Symbols.Place(a)
	if !ok {
		w.Paint(Faint, " not in the image")
		w.End()
		return
	}
	w.Paint(Green, " "+p.String())
	w.End()
	w.source(p.Source)
}

// String is the place in words: "main.f+0x12, main.g inlined (main.go:7)".
func (p Place) String() string {
	text := fmt.Sprintf("%s+%#x", p.Symbol, p.Offset)
	for i := len(p.Inlined) - 1; i >= 0; i-- {
		text += ", " + p.Inlined[i] + " inlined"
	}
	if p.File != "" {
		text += fmt.Sprintf(" (%s:%d)", p.File, p.Line)
	}
	return text
}
