package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What a line of the list can say of a test or a package.
const (
	omitted = "omit"  // is not run: it would end the machine, or nothing of it can work
	fails   = "fail"  // fails, for the reason given
	flaky   = "flaky" // may fail: it depends on time that an emulated machine does not keep
	files   = "files" // reads more of GOROOT than its package's folder
)

// An expectation is a line of the list.
type expectation struct {
	Package string // import path; "net/http/..." stands for net/http and all below
	Kind    string
	Arch    string         // of the machines that it is about; "" is all
	Test    *regexp.Regexp // nil: the whole package
	Reason  string         // of files: the paths, relative to GOROOT

	line int
	used bool
}

//go:embed expected.txt
var expectedText string

// readExpectations reads the list: package, kind, test ("-" for the package itself) and reason, separated by blanks. Behind
// a kind there may be an architecture, "fail/arm".
func readExpectations(text string) ([]*expectation, error) {
	var list []*expectation
	for i, s := range strings.Split(text, "\n") {
		words := strings.Fields(s)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		if len(words) < 4 {
			return nil, fmt.Errorf("line %d: want package, kind, test and reason", i+1)
		}
		kind, arch, only := strings.Cut(words[1], "/")
		x := &expectation{Package: words[0], Kind: kind, Arch: arch, Reason: strings.Join(words[3:], " "), line: i + 1}
		if !slices.Contains([]string{omitted, fails, flaky, files}, x.Kind) {
			return nil, fmt.Errorf("line %d: %q is none of omit, fail, flaky, files", i+1, x.Kind)
		}
		if _, ok := boards[arch]; only && !ok {
			return nil, fmt.Errorf("line %d: %q is none of the architectures", i+1, arch)
		}
		if words[2] != "-" {
			re, err := regexp.Compile("^(?:" + words[2] + ")$")
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			x.Test = re
		}
		switch whole := x.Test == nil; {
		case whole && (x.Kind == fails || x.Kind == flaky):
			return nil, fmt.Errorf("line %d: %s wants tests", i+1, x.Kind)
		case !whole && x.Kind == files:
			return nil, fmt.Errorf("line %d: %s is of a whole package", i+1, x.Kind)
		}
		if x.Kind == omitted && x.Test != nil && strings.ContainsAny(words[2], `/" `) {
			return nil, fmt.Errorf("line %d: what is omitted is a whole test, with its subtests", i+1)
		}
		list = append(list, x)
	}
	return list, nil
}

// of says whether x is about the package.
func (x *expectation) of(importPath string) bool {
	if root, ok := strings.CutSuffix(x.Package, "/..."); ok {
		return importPath == root || strings.HasPrefix(importPath, root+"/")
	}
	return importPath == x.Package
}

// expectationsOf returns those about a package on an architecture.
func expectationsOf(list []*expectation, importPath, arch string) (of []*expectation) {
	for _, x := range list {
		if x.of(importPath) && (x.Arch == "" || x.Arch == arch) {
			of = append(of, x)
		}
	}
	return of
}

// omission says why a package is not run at all, "" if it is.
func omission(list []*expectation) string {
	for _, x := range list {
		if x.Kind == omitted && x.Test == nil {
			return x.Reason
		}
	}
	return ""
}

// omissions are the patterns of the tests that are not run.
func omissions(list []*expectation) (patterns []string) {
	for _, x := range list {
		if x.Kind == omitted && x.Test != nil {
			patterns = append(patterns, x.Test.String())
		}
	}
	return patterns
}

// filesOf are the paths that the list names.
func filesOf(list []*expectation) (paths []string) {
	for _, x := range list {
		if x.Kind == files {
			paths = append(paths, strings.Fields(x.Reason)...)
		}
	}
	return paths
}
