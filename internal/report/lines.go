package report

import (
	"strings"
)

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
