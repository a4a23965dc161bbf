package report

import (
	"strconv"
	"strings"
)

// parser reads one line after the other.
type parser struct {
	report  *Report
	stack   *Stack // the one that is open
	kept    int    // lines and the like
	frames  int
	pending *Frame // waits for its file and line
	over    bool   // the frames of the stack are too many
}

// Parse reads the lines of a report, without the headline.
func Parse(text string) *Report {
	p := &parser{report: new(Report)}
	for line := range strings.Lines(text) {
		p.line(strings.TrimSuffix(line, "\n"))
	}
	return p.report
}

// keep says whether there is room for one more of what a text can have without end.
func (p *parser) keep() bool {
	if p.kept >= maxLines {
		p.report.Dropped++
		return false
	}
	p.kept++
	return true
}

func (p *parser) line(line string) {
	pending := p.pending
	p.pending = nil
	if place, ok := strings.CutPrefix(line, "\t"); ok && pending != nil && pending.place(place) {
		return
	}
	for _, read := range []func(string) bool{p.goroutine, p.named, p.created, p.more, p.elided, p.missing, p.stops, p.words, p.cpu, p.noCode, p.function} {
		if read(line) {
			return
		}
	}
	if line != "" && p.keep() {
		p.report.Lines = append(p.report.Lines, line[:min(len(line), maxText)])
	}
}

// open begins a stack.
func (p *parser) open(s Stack) {
	p.stack, p.over = nil, true
	if len(p.report.Stacks) >= maxStacks {
		p.report.Dropped++
		return
	}
	p.report.Stacks = append(p.report.Stacks, s)
	p.stack, p.over = &p.report.Stacks[len(p.report.Stacks)-1], false
}

// goroutine reads "goroutine 8 [chan receive, 2 minutes, locked to thread]:".
func (p *parser) goroutine(line string) bool {
	rest, ok := strings.CutPrefix(line, "goroutine ")
	if !ok {
		return false
	}
	id, rest, ok := number(rest)
	if !ok || !strings.HasPrefix(rest, " [") || !strings.HasSuffix(rest, "]:") || len(rest) > maxText {
		return false
	}
	s := Stack{Goroutine: id}
	for i, part := range strings.Split(rest[2:len(rest)-2], ", ") {
		minutes, unit, timed := number(part)
		switch {
		case i == 0:
			s.State = part
		case timed && unit == " minutes":
			s.Minutes = minutes
		case part == "locked to thread":
			s.Locked = true
		}
	}
	p.open(s)
	return true
}

// named reads "kernel stack:" and the like (gaspBounds).
func (p *parser) named(line string) bool {
	name, ok := strings.CutSuffix(line, ":")
	switch name {
	case "kernel stack", "runtime stack", "signal stack", "crash stack", "NMI stack", "unknown stack", "no stack", "stack":
		if ok {
			p.open(Stack{Name: name})
		}
		return ok
	}
	return false
}

// room says whether the open stack takes one more frame.
func (p *parser) room() bool {
	if p.stack == nil {
		return false
	}
	if len(p.stack.Frames) >= maxFrames || p.frames >= maxTotal {
		p.report.Dropped++
		return false
	}
	p.frames++
	return true
}

// function reads "main.f(...)", of which the place follows.
func (p *parser) function(line string) bool {
	name, ok := strings.CutSuffix(line, "(...)")
	if !ok || name == "" || len(name) > maxText || p.stack == nil && !p.over {
		return false
	}
	if p.room() {
		p.stack.Frames = append(p.stack.Frames, Frame{Function: name})
		p.pending = &p.stack.Frames[len(p.stack.Frames)-1]
	} else if p.stack == nil {
		p.report.Dropped++
	}
	return true
}

// place reads "gasp/cmd/image/main.go:62 +0xd7".
func (f *Frame) place(text string) bool {
	if len(text) > maxText {
		return false
	}
	text, offset, found := strings.Cut(text, " +")
	if found {
		v, ok := ParseAddress(offset)
		if !ok {
			return false
		}
		o := uint64(v)
		f.Offset = &o
	}
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return false
	}
	line, err := strconv.Atoi(text[i+1:])
	if err != nil || line < 0 {
		f.Offset = nil
		return false
	}
	f.File, f.Line = text[:i], line
	return true
}

// created reads "created by main.f in goroutine 1", of which the place follows.
func (p *parser) created(line string) bool {
	rest, ok := strings.CutPrefix(line, "created by ")
	if !ok || p.stack == nil || p.stack.Created != nil || len(rest) > maxText {
		return false
	}
	name, in, found := strings.Cut(rest, " in goroutine ")
	if found {
		id, rest, ok := number(in)
		if !ok || rest != "" {
			return false
		}
		p.stack.Creator = id
	}
	p.stack.Created = &Frame{Function: name}
	p.pending = p.stack.Created
	return true
}
