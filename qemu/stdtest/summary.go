package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// summary is what became of all packages.
type summary struct {
	Packages   []*result
	Ran        int // packages
	Omitted    int // packages
	Unexpected int // packages with something that was not expected
	Pass       int // tests, likewise below
	Skip       int
	Fail       int // as expected
	Seconds    float64
}

func (s *summary) add(r *result) {
	s.Packages = append(s.Packages, r)
	if r.Omitted != "" {
		s.Omitted++
		return
	}
	s.Ran++
	s.Pass += r.Pass
	s.Skip += r.Skip
	s.Fail += len(r.Failures)
	if r.unexpected() {
		s.Unexpected++
	}
}

// write writes the table of what is not simply well.
func (s *summary) write(out io.Writer) {
	slices.SortFunc(s.Packages, func(a, b *result) int { return cmp.Compare(a.Package, b.Package) })
	fmt.Fprintf(out, "\n%d packages in %v: %d as expected, %d not, %d not run; tests: %d passed, %d skipped, %d failed\n",
		len(s.Packages), time.Duration(s.Seconds*float64(time.Second)).Round(time.Second), s.Ran-s.Unexpected, s.Unexpected, s.Omitted, s.Pass, s.Skip, s.Fail)
	for _, r := range s.Packages {
		if r.unexpected() {
			fmt.Fprintln(out, "NOT AS EXPECTED:", r.Package)
		}
	}
}

// write writes a line a package, and below it what the reader must know.
func (r *result) write(out io.Writer, verbose bool) {
	if r.Omitted != "" {
		fmt.Fprintf(out, "%-38s not run: %s\n", r.Package, r.Omitted)
		return
	}
	word := "ok"
	if r.unexpected() {
		word = "NOT AS EXPECTED"
	}
	fmt.Fprintf(out, "%-38s %s: %d passed, %d skipped, %d failed; built in %.0f s, ran %.0f s", r.Package, word, r.Pass, r.Skip, len(r.Failures), r.Build, r.Run)
	if r.Boots > 1 {
		fmt.Fprintf(out, ", %d boots", r.Boots)
	}
	fmt.Fprintln(out)
	for _, p := range r.Problems {
		fmt.Fprintf(out, "    %s\n", indented(p))
	}
	for _, f := range r.Failures {
		switch {
		case f.Expected == "":
			fmt.Fprintf(out, "    FAIL %s\n        %s\n", f.Test, indented(f.Output))
		case verbose:
			fmt.Fprintf(out, "    fails as expected: %s: %s\n", f.Test, f.Expected)
		}
	}
	if !verbose {
		return
	}
	for _, t := range r.Skips {
		fmt.Fprintf(out, "    skipped: %s: %s\n", t.Name, indented(t.Output))
	}
	for _, reason := range r.Left {
		fmt.Fprintf(out, "    left out: %s\n", reason)
	}
}

func indented(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n        ") }
