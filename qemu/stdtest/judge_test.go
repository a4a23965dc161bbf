package main

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name, list string
		tests      []*test
		killers    map[string]string
		partly     bool
		pass, skip int
		failures   map[string]string // reason by test
		problem    string            // part of the one problem; "" wants none
		unexpected bool
	}{
		{name: "all is well", tests: []*test{{Name: "TestA", Verdict: pass}, {Name: "TestB", Verdict: skip}}, pass: 1, skip: 1},
		{name: "a failure", tests: []*test{{Name: "TestA", Verdict: fail}}, failures: map[string]string{"TestA": ""}, unexpected: true},
		{name: "an expected failure", list: "p fail TestA no files", tests: []*test{{Name: "TestA", Verdict: fail}},
			failures: map[string]string{"TestA": "no files"}},
		{name: "the subtest is the failure", list: "p fail TestA/x no files",
			tests:    []*test{{Name: "TestA", Verdict: fail}, {Name: "TestA/x", Verdict: fail}, {Name: "TestA/y", Verdict: pass}},
			failures: map[string]string{"TestA/x": "no files"}, pass: 1},
		{name: "one subtest fails beside the expected one", list: "p fail TestA/x no files",
			tests:    []*test{{Name: "TestA", Verdict: fail}, {Name: "TestA/x", Verdict: fail}, {Name: "TestA/y", Verdict: fail}},
			failures: map[string]string{"TestA/x": "no files", "TestA/y": ""}, unexpected: true},
		{name: "expected as a whole", list: "p fail TestA no files",
			tests:    []*test{{Name: "TestA", Verdict: fail}, {Name: "TestA/x", Verdict: fail}},
			failures: map[string]string{"TestA/x": "no files"}},
		{name: "an unexpected pass", list: "p fail TestA no files", tests: []*test{{Name: "TestA", Verdict: pass}}, pass: 1,
			problem: "TestA: pass, but line 1", unexpected: true},
		{name: "a test that is no more", list: "p fail TestB no files", tests: []*test{{Name: "TestA", Verdict: pass}}, pass: 1,
			problem: "there is no such test", unexpected: true},
		{name: "a run of some tests", list: "p fail TestB no files", tests: []*test{{Name: "TestA", Verdict: pass}}, partly: true, pass: 1},
		{name: "flaky passes", list: "p flaky TestA time", tests: []*test{{Name: "TestA", Verdict: pass}}, pass: 1},
		{name: "flaky fails", list: "p flaky TestA time", tests: []*test{{Name: "TestA", Verdict: fail}}, failures: map[string]string{"TestA": "time"}},
		{name: "ended the machine", tests: []*test{{Name: "TestA", Verdict: running}}, killers: map[string]string{"TestA": "fatal"},
			failures: map[string]string{"TestA": ""}, unexpected: true},
		{name: "never ended", tests: []*test{{Name: "TestA", Verdict: paused}}, problem: "TestA has not ended", unexpected: true},
	} {
		list, err := readExpectations(c.list)
		if err != nil {
			t.Fatal(err)
		}
		r := &result{}
		judge(r, c.tests, c.killers, list, !c.partly)
		if r.Pass != c.pass || r.Skip != c.skip || len(r.Failures) != len(c.failures) {
			t.Errorf("%s: %d passed, %d skipped, %d failed, want %d, %d, %d", c.name, r.Pass, r.Skip, len(r.Failures), c.pass, c.skip, len(c.failures))
		}
		for _, f := range r.Failures {
			if want, ok := c.failures[f.Test]; !ok || want != f.Expected {
				t.Errorf("%s: the failure of %s is expected as %q, want %q", c.name, f.Test, f.Expected, want)
			}
		}
		problems := strings.Join(r.Problems, "\n")
		if (problems == "") != (c.problem == "") || !strings.Contains(problems, c.problem) || len(r.Problems) > 1 {
			t.Errorf("%s: the problems are %q, want %q", c.name, problems, c.problem)
		}
		if r.unexpected() != c.unexpected {
			t.Errorf("%s: unexpected is %v", c.name, r.unexpected())
		}
	}
}
