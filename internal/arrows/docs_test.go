package arrows

import (
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	testDeclared = regexp.MustCompile(`(?m)^func (?:\([^)]*\) )?((?:Test|Fuzz|Benchmark)\w+)\(`)
	testNamed    = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`)
	packageOf    = regexp.MustCompile(`(?m)^package (\w+)`)
	declared     = regexp.MustCompile(`(?m)^(?:func|type|var|const) (?:\([^)]*\) )?([A-Z]\w*)`)
	callNamed    = regexp.MustCompile("`((?:arm64|machine|netlog|x86)\\.[A-Z]\\w*)")
	headings     = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	links        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	paths        = regexp.MustCompile(`(?:^|[^\w/.])((?:board|cmd|dist|docs|drivers|examples|internal|netlog|netstack|qemu|toolchain)/[\w./-]*\w)`)
	targetNamed  = regexp.MustCompile("(?m)(?:`|^    )make ([a-z]+)")
	// elsewhere is a line that may name files of other projects.
	elsewhere = regexp.MustCompile(`Linux|U-Boot|Xen|TamaGo|Intel|standard library|Go's`)
	// notInAnchors is what GitHub leaves out of a heading to make its anchor.
	notInAnchors = regexp.MustCompile(`[^\w\- ]`)
)

// goTests are tests of Go's own that the pages name.
var goTests = map[string]bool{"TestChan": true}

// What the pages name is there: links and their anchors, files, tests, exported names, targets of the Makefile.
func TestWhatThePagesNameIsThere(t *testing.T) {
	const root = "../.."
	out, err := exec.Command("git", "-C", root, "ls-files").Output()
	if err != nil {
		t.Skipf("git does not list the files: %v", err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(path.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	known, tests, exports, pages := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}
	for name := range strings.FieldsSeq(string(out)) {
		for at := name; at != "."; at = path.Dir(at) {
			known[at] = true
		}
		switch {
		case strings.HasSuffix(name, ".go"):
			text := read(name)
			for _, m := range testDeclared.FindAllStringSubmatch(text, -1) {
				tests[m[1]] = true
			}
			for _, m := range declared.FindAllStringSubmatch(text, -1) {
				exports[packageOf.FindStringSubmatch(text)[1]+"."+m[1]] = true
			}
		case name == "README.md", strings.HasPrefix(name, "docs/") && strings.HasSuffix(name, ".md"):
			pages[name] = read(name)
		}
	}
	if len(pages) < 2 || len(tests) < 100 {
		t.Fatalf("%d pages and %d tests were found", len(pages), len(tests))
	}
	anchors := map[string]bool{}
	for page, text := range pages {
		for _, m := range headings.FindAllStringSubmatch(text, -1) {
			anchors[page+"#"+strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
		}
	}
	makefile := read("Makefile")
	for page, text := range pages {
		for i, line := range strings.Split(text, "\n") {
			for _, name := range testNamed.FindAllString(line, -1) {
				if !tests[name] && !goTests[name] {
					t.Errorf("%s:%d: no test is called %s", page, i+1, name)
				}
			}
			for _, m := range callNamed.FindAllStringSubmatch(line, -1) {
				if !exports[m[1]] {
					t.Errorf("%s:%d: %s is not exported", page, i+1, m[1])
				}
			}
			for _, m := range links.FindAllStringSubmatch(line, -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				file, anchor, found := strings.Cut(m[1], "#")
				if file = path.Join(path.Dir(page), file); strings.HasPrefix(m[1], "#") {
					file = page
				}
				if !known[file] || found && !anchors[file+"#"+anchor] {
					t.Errorf("%s:%d: the link to %s leads nowhere", page, i+1, m[1])
				}
			}
			for _, m := range paths.FindAllStringSubmatch(line, -1) {
				// gasp/board/x.Name and board/x.Name name what a package exports.
				exported := path.Dir(m[1]) + "/" + strings.SplitN(path.Base(m[1]), ".", 2)[0]
				if !known[path.Clean(m[1])] && !known[exported] && !elsewhere.MatchString(line) {
					t.Errorf("%s:%d: no file or folder is called %s", page, i+1, m[1])
				}
			}
			for _, m := range targetNamed.FindAllStringSubmatch(line, -1) {
				if !strings.Contains(makefile, "\n"+m[1]+":") {
					t.Errorf("%s:%d: make has no target %s", page, i+1, m[1])
				}
			}
		}
	}
}
