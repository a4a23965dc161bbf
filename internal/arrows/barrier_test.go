package arrows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ordinary names what runs in ordinary context only, by package and file or
// function, and may allocate and store pointers there. Constructors, functions
// whose name begins with New or new, are exempt everywhere.
var ordinary = map[string][]string{
	"gasp/drivers/dma":        {"Carve"},
	"gasp/drivers/e1000":      {"carve"}, // of New
	"gasp/drivers/enet":       {"carve"}, // of New
	"gasp/drivers/pci":        {"assign.go", "scan.go"},
	"gasp/drivers/virtio":     {"locate"},   // of NewPCI
	"gasp/drivers/virtio-net": {"allocate"}, // of New
	// Reading is the receiver's.
	"gasp/netlog/wire": {"decode.go", "parseDetails", "ParseHeadline"},
	"gasp/netlog": {
		"handler.go", "formatter.go", // slog belongs to goroutines
		"target.go", "route.go", "prepare.go", // the parameter, and a plan of it
		"reconfigure.go", "StartAll",
		"SetClock", "SetConsole", "SetKeep", "Start", "Attach", "SetTap",
		"readKeep", "offer", // of SetKeep
		"releasePrefix",      // of Start
		"build", "configure", // of Start
	},
}

var complaint = regexp.MustCompile(`^(?:\./)?([^/:]+\.go):(\d+):\d+: (.*(?:write barrier|escapes to heap|moved to heap).*)$`)

// An interrupt or exception handler runs without what a write barrier or an
// allocation needs. The compiler says where it put either.
func TestCrashPathHasNeitherWriteBarriersNorAllocations(t *testing.T) {
	packages := []string{"gasp/netlog", "gasp/netlog/wire"}
	for path := range list(t, "") {
		if strings.HasPrefix(path, "gasp/drivers/") {
			packages = append(packages, path)
		}
	}
	checked := 0
	for _, path := range packages {
		out, err := exec.Command("go", "list", "-f", "{{.Dir}}", path).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", path, err)
		}
		dir := strings.TrimSpace(string(out))
		build := exec.Command("go", "build", "-gcflags=-m -d=wb", ".")
		build.Dir = dir
		listing, err := build.CombinedOutput()
		if err != nil {
			t.Errorf("%s does not build: %v\n%s", path, err, listing)
			continue
		}
		if !strings.Contains(string(listing), "can inline") {
			t.Fatalf("%s: the compiler's listing is not what this test expects", path)
		}
		for line := range strings.Lines(string(listing)) {
			m := complaint.FindStringSubmatch(strings.TrimSpace(line))
			if m == nil {
				continue
			}
			// An append that outgrows its buffer would allocate; the tests of
			// each package show that none does.
			if strings.HasPrefix(m[3], "append escapes") {
				continue
			}
			checked++
			at, _ := strconv.Atoi(m[2])
			function := enclosing(t, filepath.Join(dir, m[1]), at)
			if !exempt(path, m[1], function) {
				t.Errorf("%s: %s:%s in %s: %s", path, m[1], m[2], function, m[3])
			}
		}
	}
	if checked == 0 {
		t.Error("the compiler reported nothing, not even in the constructors")
	}
}

func exempt(path, file, function string) bool {
	if function == "" { // the initializer of a package variable
		return true
	}
	if strings.HasPrefix(function, "New") || strings.HasPrefix(function, "new") {
		return true
	}
	for _, name := range ordinary[path] {
		if name == file || name == function {
			return true
		}
	}
	return false
}

// enclosing returns the name of the function around a line, empty for none.
func enclosing(t *testing.T, file string, line int) string {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && set.Position(f.Pos()).Line <= line && line <= set.Position(f.End()).Line {
			return f.Name.Name
		}
	}
	return ""
}
