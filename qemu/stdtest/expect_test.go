package main

import (
	"slices"
	"strings"
	"testing"

	"gasp/qemu"
	"gasp/toolchain"
)

func TestReadExpectations(t *testing.T) {
	list, err := readExpectations("# a comment\n\na omit - no reason\na/b/... fail Test(X|Y)/sub.* it is so\na omit TestZ dies\na files - src/x src/y\na fail/arm TestW it has 32 bits\n")
	if err != nil || len(list) != 5 {
		t.Fatalf("%d expectations, %v", len(list), err)
	}
	if x := list[1]; x.line != 4 || x.Reason != "it is so" || !x.of("a/b") || !x.of("a/b/c") || x.of("a") || x.of("a/bc") {
		t.Errorf("%+v is not for a/b and what is below it", x)
	}
	if x := list[1]; !x.Test.MatchString("TestX/sub1") || x.Test.MatchString("TestX") || x.Test.MatchString("aTestX/sub") {
		t.Errorf("%v does not stand for the whole name", x.Test)
	}
	of := expectationsOf(list, "a", "arm64")
	if omission(of) != "no reason" || len(of) != 3 || !slices.Equal(omissions(of), []string{"^(?:TestZ)$"}) {
		t.Errorf("of a: %q, %d expectations, %q", omission(of), len(of), omissions(of))
	}
	if of := expectationsOf(list, "a", "arm"); len(of) != 4 || of[3].Kind != fails || !of[3].Test.MatchString("TestW") {
		t.Errorf("of a on arm: %d expectations", len(of))
	}
}

func TestReadExpectationsRefuses(t *testing.T) {
	for _, text := range []string{
		"a omit -", "a skip TestX why", "a fail - why", "a fail Test( why", "a flaky - why",
		"a files TestX src", "a omit TestX/sub why", "a fail/ TestX why", "a fail/mips TestX why",
	} {
		if _, err := readExpectations("\n" + text); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%q gives %v, want an error with the line", text, err)
		}
	}
}

// TestExpectedIsAboutPackages holds the repository's own list to the packages that there are.
func TestExpectedIsAboutPackages(t *testing.T) {
	list, err := readExpectations(expectedText)
	if err != nil {
		t.Fatal(err)
	}
	root, err := qemu.Root()
	if err != nil {
		t.Fatal(err)
	}
	packages, err := toolchain.TestPackages(t.Context(), toolchain.DefaultArch, root, "std")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		if !slices.ContainsFunc(packages, func(p toolchain.TestPackage) bool { return x.of(p.ImportPath) }) {
			t.Errorf("line %d is about %s, which has no tests", x.line, x.Package)
		}
	}
}
