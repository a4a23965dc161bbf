package main

import (
	"strings"
)

// marker is what package testing puts before its own lines with -test.v=test2json, even in the middle of a line that a
// test has begun (src/testing/testing.go, chattyFlag.prefix).
const marker = '\x16'

// maxOutput is how much of a test's output is kept, bytes.
const maxOutput = 8 << 10

type verdict string

const (
	running verdict = "running" // has begun and not ended
	paused  verdict = "paused"  // waits for its turn with t.Parallel
	pass    verdict = "pass"
	fail    verdict = "fail"
	skip    verdict = "skip"
)

// test is what is known of a test, a subtest, an example or a fuzz test's seeds.
type test struct {
	Name    string
	Verdict verdict
	Output  string `json:",omitempty"`
}

// events follow what a test program says with -test.v=test2json.
type events struct {
	tests  []*test // in the order in which they began
	byName map[string]*test
	cur    *test  // whose output comes now; nil: nobody's
	last   *test  // ended, and nothing has begun since
	Loose  string // output of no test
	Final  string // "PASS" or "FAIL", once all tests have run
}

func newEvents() *events { return &events{byName: map[string]*test{}} }

// line takes the next line, without its newline.
func (e *events) line(s string) {
	for {
		before, after, marked := strings.Cut(s, string(marker))
		if before != "" || !marked {
			e.output(before)
		}
		if !marked {
			return
		}
		next := strings.IndexByte(after, marker)
		if next < 0 {
			next = len(after)
		}
		e.event(after[:next])
		if s = after[next:]; s == "" {
			return
		}
	}
}

// event takes what stands behind a marker.
func (e *events) event(s string) {
	s = strings.TrimLeft(s, " ")
	if s == "PASS" || s == "FAIL" {
		e.Final, e.cur = s, nil
		return
	}
	kind, rest, _ := strings.Cut(strings.TrimPrefix(s, "=== "), " ")
	name := strings.TrimSpace(rest)
	switch {
	case !strings.HasPrefix(s, "=== "):
		e.ended(s)
	case kind == "RUN", kind == "CONT":
		e.cur, e.last = e.named(name), nil
		e.cur.Verdict = running
	case kind == "PAUSE":
		e.named(name).Verdict = paused
		e.cur = nil
	case kind == "NAME":
		e.cur = e.byName[name]
	default:
		e.output(s)
	}
}

// ended takes "--- PASS: TestX/sub (0.01s)" and the like.
func (e *events) ended(s string) {
	for word, v := range map[string]verdict{"PASS": pass, "FAIL": fail, "SKIP": skip} {
		rest, ok := strings.CutPrefix(s, "--- "+word+": ")
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(rest, " ")
		e.cur = e.named(name)
		e.cur.Verdict = v
		e.last = e.cur
		return
	}
	e.output(s)
}

func (e *events) output(s string) {
	to := &e.Loose
	if e.cur != nil {
		to = &e.cur.Output
	}
	if len(*to) < maxOutput {
		*to += s + "\n"
	}
}

func (e *events) named(name string) *test {
	t := e.byName[name]
	if t == nil {
		t = &test{Name: name}
		e.byName[name] = t
		e.tests = append(e.tests, t)
	}
	return t
}

// suspects are the tests without / in their name that were running when the machine died. One that panics is reported as
// failed before the panic ends the program.
func (e *events) suspects() (names []string) {
	for _, t := range e.tests {
		if t.Verdict == running && !strings.Contains(t.Name, "/") {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 && e.Final == "" && e.last != nil && e.last.Verdict == fail {
		name, _, _ := strings.Cut(e.last.Name, "/")
		names = append(names, name)
	}
	return names
}
