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

// more reads "and 3333 more like goroutine 8: 11 14 17 ...".
func (p *parser) more(line string) bool {
	rest, ok := strings.CutPrefix(line, "and ")
	if !ok || p.stack == nil {
		return false
	}
	count, rest, ok := number(rest)
	if rest, found := strings.CutPrefix(rest, " more like goroutine "); ok && found {
		_, ids, _ := strings.Cut(rest, ":")
		p.stack.More, p.stack.MoreIDs = count, nil
		for id := range strings.FieldsSeq(ids) {
			if n, rest, ok := number(id); ok && rest == "" && len(p.stack.MoreIDs) < maxIDs {
				p.stack.MoreIDs = append(p.stack.MoreIDs, n)
			}
		}
		return true
	}
	return false
}

// elided reads "...698894 frames elided...".
func (p *parser) elided(line string) bool {
	rest, ok := strings.CutPrefix(line, "...")
	n, rest, isNumber := number(rest)
	if !ok || !isNumber || rest != " frames elided..." || !p.room() {
		return false
	}
	p.stack.Frames = append(p.stack.Frames, Frame{Elided: n})
	return true
}

// missing reads the receiver's "-- 2 records missing (seq 17-18)".
func (p *parser) missing(line string) bool {
	rest, ok := strings.CutPrefix(line, "-- ")
	n, rest, isNumber := number(rest)
	if !ok || !isNumber || !strings.HasPrefix(rest, " record") || !strings.Contains(rest, " missing (seq ") {
		return false
	}
	if !p.room() {
		return false
	}
	p.stack.Frames = append(p.stack.Frames, Frame{Missing: n})
	return true
}

// stops reads "traceback stops: the return address is not in the program (0x5823dd0)".
func (p *parser) stops(line string) bool {
	rest, ok := strings.CutPrefix(line, "traceback stops: ")
	if !ok || p.stack == nil || len(rest) > maxText {
		return false
	}
	why, at, found := strings.Cut(rest, " (")
	p.stack.Stops = why
	if found {
		p.stack.StopsAt, _ = ParseAddress(strings.TrimSuffix(at, ")"))
	}
	return true
}

// words reads "on the stack: 0x209a1f0 0x209c1d8".
func (p *parser) words(line string) bool {
	rest, ok := strings.CutPrefix(line, "on the stack:")
	if !ok || p.stack == nil {
		return false
	}
	for word := range strings.FieldsSeq(rest) {
		if a, ok := ParseAddress(word); ok && len(p.stack.Words) < maxFrames {
			p.stack.Words = append(p.stack.Words, a)
		}
	}
	return true
}

// noCode reads "0x24f22f0: not code of this program".
func (p *parser) noCode(line string) bool {
	text, ok := strings.CutSuffix(line, ": not code of this program")
	if !ok {
		return false
	}
	a, ok := ParseAddress(text)
	if !ok || !p.room() {
		return false
	}
	p.stack.Frames = append(p.stack.Frames, Frame{PC: a, NoCode: true})
	return true
}

// cpu reads "cpu 2: goroutine 7, at main.spin +0x4".
func (p *parser) cpu(line string) bool {
	rest, ok := strings.CutPrefix(line, "cpu ")
	if !ok || len(line) > maxText {
		return false
	}
	n, rest, ok := number(rest)
	state, found := strings.CutPrefix(rest, ": ")
	if !ok || !found {
		return false
	}
	c := CPU{Number: n}
	state, at, found := strings.Cut(state, ", at ")
	if found {
		name, offset, _ := strings.Cut(at, " +")
		c.At = &Frame{Function: name}
		if v, ok := ParseAddress(offset); ok {
			o := uint64(v)
			c.At.Offset = &o
		}
	}
	c.State = state
	if text, ok := strings.CutPrefix(state, "goroutine "); ok {
		if id, rest, ok := number(text); ok && rest == "" {
			c.State, c.Goroutine = "goroutine", id
		}
	}
	switch c.State {
	case "idle", "does not stop", "no goroutine", "goroutine":
	default:
		return false
	}
	if p.keep() {
		p.report.CPUs = append(p.report.CPUs, c)
	}
	// The goroutine's frames are over.
	p.stack = nil
	return true
}
