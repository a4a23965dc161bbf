package main

import (
	"slices"
	"strings"
	"testing"
)

// said is what package testing writes with -test.v=test2json; ^ stands for the marker.
func said(text string) *events {
	e := newEvents()
	for _, line := range strings.Split(strings.ReplaceAll(text, "^", string(marker)), "\n") {
		e.line(line)
	}
	return e
}

func TestEvents(t *testing.T) {
	for _, c := range []struct {
		name, said string
		verdicts   map[string]verdict
		output     map[string]string
		final      string
		suspects   []string
	}{
		{
			name:     "passes",
			said:     "^=== RUN   TestA\n^--- PASS: TestA (0.00s)\n^PASS",
			verdicts: map[string]verdict{"TestA": pass},
			final:    "PASS",
		},
		{
			name: "output belongs to the test that runs",
			said: "before\n^=== RUN   TestA\nof a\n^=== RUN   TestA/sub\nof sub\n^=== NAME  TestA\nagain of a\n" +
				"^--- FAIL: TestA (0.02s)\n    ^--- PASS: TestA/sub (0.01s)\n^=== NAME  \n^FAIL",
			verdicts: map[string]verdict{"TestA": fail, "TestA/sub": pass},
			output:   map[string]string{"TestA": "of a\nagain of a\n    \n", "TestA/sub": "of sub\n"},
			final:    "FAIL",
		},
		{
			name:     "a line that a test has begun",
			said:     "^=== RUN   TestA\nno newline^--- SKIP: TestA (0.00s)\n    a_test.go:1: why\n^PASS",
			verdicts: map[string]verdict{"TestA": skip},
			output:   map[string]string{"TestA": "no newline\n    a_test.go:1: why\n"},
			final:    "PASS",
		},
		{
			name:     "dies in a test while others wait",
			said:     "^=== RUN   TestA\n^=== PAUSE TestA\n^=== RUN   TestB\n^=== RUN   TestB/sub\nlast words",
			verdicts: map[string]verdict{"TestA": paused, "TestB": running, "TestB/sub": running},
			output:   map[string]string{"TestB/sub": "last words\n"},
			suspects: []string{"TestB"},
		},
		{
			name:     "parallel tests go on together",
			said:     "^=== RUN   TestA\n^=== PAUSE TestA\n^=== RUN   TestB\n^=== PAUSE TestB\n^=== CONT  TestA\n^=== CONT  TestB",
			verdicts: map[string]verdict{"TestA": running, "TestB": running},
			suspects: []string{"TestA", "TestB"},
		},
		{
			name:     "a panic comes after the report of the failure",
			said:     "^=== RUN   TestA\n^=== RUN   TestA/sub\n^--- FAIL: TestA/sub (0.00s)\n^--- FAIL: TestA (0.00s)",
			verdicts: map[string]verdict{"TestA": fail, "TestA/sub": fail},
			suspects: []string{"TestA"},
		},
		{
			name:     "so it does in an example",
			said:     "^=== RUN   ExampleA\n^--- FAIL: ExampleA (0.00s)\n^=== NAME   \n",
			verdicts: map[string]verdict{"ExampleA": fail},
			suspects: []string{"ExampleA"},
		},
		{
			name:     "what fails and does not panic is not the cause",
			said:     "^=== RUN   TestA\n^--- FAIL: TestA (0.00s)\n^=== RUN   TestB\n^=== PAUSE TestB\n^=== CONT  TestB",
			verdicts: map[string]verdict{"TestA": fail, "TestB": running},
			suspects: []string{"TestB"},
		},
		{
			name:     "what only looks like an event",
			said:     "^=== RUN   TestA\n--- FAIL: TestA (0.00s)\n=== RUN   TestB\n^--- PASS: TestA (0.00s)\n^PASS",
			verdicts: map[string]verdict{"TestA": pass},
			output:   map[string]string{"TestA": "--- FAIL: TestA (0.00s)\n=== RUN   TestB\n"},
			final:    "PASS",
		},
	} {
		e := said(c.said)
		if len(e.tests) != len(c.verdicts) {
			t.Errorf("%s: %d tests, want %d", c.name, len(e.tests), len(c.verdicts))
		}
		for name, want := range c.verdicts {
			if got := e.byName[name]; got == nil || got.Verdict != want {
				t.Errorf("%s: %s is %v, want %s", c.name, name, got, want)
			}
		}
		for name, want := range c.output {
			if got := e.named(name).Output; got != want {
				t.Errorf("%s: the output of %s is %q, want %q", c.name, name, got, want)
			}
		}
		if e.Final != c.final {
			t.Errorf("%s: the end is %q, want %q", c.name, e.Final, c.final)
		}
		if got := e.suspects(); !slices.Equal(got, c.suspects) {
			t.Errorf("%s: when the machine died, %q ran, want %q", c.name, got, c.suspects)
		}
	}
}

func TestOutputIsBounded(t *testing.T) {
	e := said("^=== RUN   TestA\n" + strings.Repeat(strings.Repeat("x", 100)+"\n", 10000))
	if n := len(e.named("TestA").Output); n > maxOutput+101 {
		t.Errorf("%d bytes of output are kept, want %d at most", n, maxOutput)
	}
}
