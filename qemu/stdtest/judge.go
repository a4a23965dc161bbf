package main

import (
	"fmt"
	"strings"
)

// failure is a test that failed, and why that was to be expected.
type failure struct {
	Test     string
	Output   string `json:",omitempty"`
	Expected string `json:",omitempty"` // reason; "" if it was not
}

// result is what became of a package.
type result struct {
	Package  string
	Omitted  string    `json:",omitempty"` // why it was not run
	Pass     int       // tests, subtests, examples
	Skip     int       // they skipped themselves
	Failures []failure `json:",omitempty"`
	Skips    []test    `json:",omitempty"`
	Left     []string  `json:",omitempty"` // reasons of what was left out
	Problems []string  `json:",omitempty"` // what is wrong beside failures that were not expected
	Boots    int
	Build    float64 // seconds
	Run      float64 // seconds
}

// unexpected says whether anything is not as the list has it.
func (r *result) unexpected() bool {
	for _, f := range r.Failures {
		if f.Expected == "" {
			return true
		}
	}
	return len(r.Problems) > 0
}

// judge compares the tests of one package with what is expected of them. Those in killers ended the machine. With all,
// expectations that nothing fits are problems; a run of some tests cannot know.
func judge(r *result, tests []*test, killers map[string]string, list []*expectation, all bool) {
	for _, t := range tests {
		passed := t.Verdict == pass || t.Verdict == skip
		switch {
		case killers[t.Name] != "":
			r.Failures = append(r.Failures, failure{t.Name, t.Output + killers[t.Name], expected(list, tests, t.Name)})
		case t.Verdict == pass:
			r.Pass++
		case t.Verdict == skip:
			r.Skip++
			r.Skips = append(r.Skips, *t)
		case t.Verdict == fail && failsBelow(tests, t.Name):
			// the subtest is the failure
		case t.Verdict == fail:
			r.Failures = append(r.Failures, failure{t.Name, t.Output, expected(list, tests, t.Name)})
		default:
			r.Problems = append(r.Problems, t.Name+" has not ended")
		}
		if !passed {
			continue
		}
		for _, x := range list {
			if x.Kind == fails && x.Test.MatchString(t.Name) {
				x.used = true
				r.Problems = append(r.Problems, fmt.Sprintf("%s: %s, but line %d of the list expects it to fail: %s", t.Name, t.Verdict, x.line, x.Reason))
			}
		}
	}
	for _, x := range list {
		if x.Kind == omitted && x.Test != nil {
			r.Left = append(r.Left, strings.TrimSuffix(strings.TrimPrefix(x.Test.String(), "^(?:"), ")$")+": "+x.Reason)
		}
		if all && x.Kind == fails && !x.used {
			r.Problems = append(r.Problems, fmt.Sprintf("line %d of the list expects a failure of %v, and there is no such test", x.line, x.Test))
		}
	}
}

// expected returns the reason that the list gives for the failure of the test, or of one that it is part of.
func expected(list []*expectation, tests []*test, name string) string {
	for {
		for _, x := range list {
			if (x.Kind == fails || x.Kind == flaky) && x.Test.MatchString(name) {
				x.used = true
				return x.Reason
			}
		}
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return ""
		}
		name = name[:i]
	}
}

// failsBelow says whether a subtest of the test failed.
func failsBelow(tests []*test, name string) bool {
	for _, t := range tests {
		if t.Verdict == fail && strings.HasPrefix(t.Name, name+"/") {
			return true
		}
	}
	return false
}
