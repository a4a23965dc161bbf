package report

import (
	"slices"
	"strings"

	"gasp/internal/symbols"
)

// maxSymbolized is how many frames are looked up in one report.
const maxSymbolized = 1 << 14

// Symbolizer finds in an image what a report of it leaves open. What the report says stays: the image
// adds addresses, what is inlined, lines of source, and the functions at raw addresses.
type Symbolizer struct {
	Image *symbols.Image
	// Sources may be nil.
	Sources *symbols.Sources

	known map[uint64][]symbols.Frame
	left  int
}

// NewSymbolizer returns a symbolizer for one report.
func NewSymbolizer(image *symbols.Image, sources *symbols.Sources) *Symbolizer {
	return &Symbolizer{Image: image, Sources: sources, known: make(map[uint64][]symbols.Frame), left: maxSymbolized}
}

// Report completes the frames of a report. It may be called again for the same one.
func (s *Symbolizer) Report(r *Report) {
	for i := range r.Stacks {
		stack := &r.Stacks[i]
		stack.Frames = s.stack(stack.Frames)
		if stack.Created != nil {
			s.frame(stack.Created)
		}
	}
	for i := range r.CPUs {
		if at := r.CPUs[i].At; at != nil {
			s.frame(at)
		}
	}
}

// stack completes frames, and puts those in that the report lacks.
func (s *Symbolizer) stack(frames []Frame) []Frame {
	var done []Frame
	inner := 0 // where in done those begin that may be inlined into the next
	for _, f := range frames {
		if f.Added {
			continue // it is found again
		}
		done = append(done, f)
		last := len(done) - 1
		switch {
		case f.Function == "":
			inner = len(done)
		case f.Offset != nil:
			if chain := s.find(&done[last]); chain != nil {
				done = append(done[:inner], s.merge(done[inner:], chain)...)
			}
			inner = len(done)
		}
	}
	// What is at the start of its function has no offset either.
	for i := range done {
		if f := &done[i]; f.Function != "" && f.PC == 0 && f.Offset == nil && !f.Inlined {
			s.start(f)
		}
	}
	return done
}

// start completes a frame that may be at the start of its function.
func (s *Symbolizer) start(f *Frame) {
	for _, entry := range s.Image.Entries(f.Function) {
		if chain := s.frames(entry); matches(f, chain) {
			f.PC = Address(entry)
			s.source(f, chain[len(chain)-1])
			return
		}
	}
}

// frame completes one frame by itself.
func (s *Symbolizer) frame(f *Frame) {
	if chain := s.find(f); chain != nil {
		outer := chain[len(chain)-1]
		if f.File == "" {
			// Only the function was told, which may have others inlined at the place.
			f.File, f.Line = outer.File, outer.Line
		}
		s.source(f, outer)
	}
}

// find returns what is at the place of a frame, and sets its PC. The address in a report is that of
// the next instruction for every frame but the innermost, so the lines decide which of the two it is.
func (s *Symbolizer) find(f *Frame) (chain []symbols.Frame) {
	if f.Offset == nil {
		return nil
	}
	for _, entry := range s.Image.Entries(f.Function) {
		pc := entry + *f.Offset
		for _, at := range [...]uint64{pc - 1, pc} {
			if c := s.frames(at); matches(f, c) {
				f.PC = Address(pc)
				return c
			}
		}
	}
	return nil
}

// matches says whether the outermost function at a place is what a frame says.
func matches(f *Frame, chain []symbols.Frame) bool {
	if len(chain) == 0 {
		return false
	}
	outer := chain[len(chain)-1]
	return symbols.Printed(outer.Function) == f.Function && (f.File == "" || outer.File == f.File && outer.Line == f.Line)
}

// merge returns the frames of one place: those of the report, the last of which is not inlined, with
// those that only symbols know. The runtime's own are left out as the report does.
func (s *Symbolizer) merge(told []Frame, chain []symbols.Frame) (frames []Frame) {
	pc := told[len(told)-1].PC
	// From the outermost on, what both have in common.
	n := len(told)
	for i := len(chain) - 1; i >= 0; i-- {
		c := &chain[i]
		name := symbols.Printed(c.Function)
		f := Frame{Function: name, File: c.File, Line: c.Line, Added: true}
		// Records may be missing in between: what was told further in is looked for.
		at := -1
		for j := n - 1; j >= 0; j-- {
			if told[j].Function == name {
				at = j
				break
			}
		}
		switch {
		case at >= 0:
			f = told[at]
			if f.File == "" {
				f.File, f.Line = c.File, c.Line
			}
			for j := n - 1; j > at; j-- {
				frames = append(frames, told[j])
			}
			n = at
		case strings.HasPrefix(name, "runtime."):
			continue
		}
		f.PC, f.Inlined = pc, c.Inlined
		s.source(&f, *c)
		frames = append(frames, f)
	}
	for j := n - 1; j >= 0; j-- {
		frames = append(frames, told[j])
	}
	slices.Reverse(frames)
	return frames
}

// source sets the line of source of a frame, if the image says the same file and line.
func (s *Symbolizer) source(f *Frame, c symbols.Frame) {
	if s.Sources != nil && f.File == c.File && f.Line == c.Line {
		f.Source = s.Sources.Line(f.File, f.Line)
	}
}

// frames is Image.Frames, remembered.
func (s *Symbolizer) frames(pc uint64) []symbols.Frame {
	frames, known := s.known[pc]
	if !known && s.left > 0 {
		s.left--
		frames = s.Image.Frames(pc)
		s.known[pc] = frames
	}
	return frames
}

// Place is what is at an address.
type Place struct {
	Address Address `json:"address"`
	// Symbol is the function or variable, and Offset how far behind its start the address is.
	Symbol string `json:"symbol"`
	Offset uint64 `json:"offset"`
	// File and Line are those of code, and Source the text of the line.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Source string `json:"source,omitempty"`
	// Inlined are the functions inlined there, the innermost first.
	Inlined []string `json:"inlined,omitempty"`
}

// Place returns what is at an address; ok is false if that is nothing of the image.
func (s *Symbolizer) Place(a Address) (p Place, ok bool) {
	p.Address = a
	if chain := s.frames(uint64(a)); len(chain) > 0 {
		inner, outer := chain[0], chain[len(chain)-1]
		p.Symbol, p.Offset, p.File, p.Line = symbols.Printed(outer.Function), outer.Offset, inner.File, inner.Line
		for _, c := range chain[:len(chain)-1] {
			p.Inlined = append(p.Inlined, symbols.Printed(c.Function))
		}
		if s.Sources != nil {
			p.Source = s.Sources.Line(p.File, p.Line)
		}
		return p, true
	}
	if name, offset := s.Image.Data(uint64(a)); name != "" {
		p.Symbol, p.Offset = name, offset
		return p, true
	}
	return p, false
}
