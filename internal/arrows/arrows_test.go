// Package arrows holds the tests of how the packages may depend on one another.
package arrows

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "gasp/"

// A goPackage is what go list says of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
}

// list returns the module's packages as they build with the given tags.
func list(t *testing.T, tags string) map[string]goPackage {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-tags="+tags, "-json=ImportPath,Imports", module+"...")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	packages := map[string]goPackage{}
	for decoder := json.NewDecoder(out); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages[p.ImportPath] = p
	}
	if err := command.Wait(); err != nil {
		t.Fatalf("go list: %v", err)
	}
	if len(packages[module+"netlog"].Imports) == 0 {
		t.Fatal("go list does not know the package netlog")
	}
	return packages
}

// within says whether path is one of the trees or lies in it.
func within(path string, trees ...string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool {
		return path == tree || strings.HasPrefix(path, strings.TrimSuffix(tree, "/")+"/")
	})
}

// An arrow says what of this module the packages of a tree may import. An empty
// reach still allows the tree itself.
type arrow struct {
	from string
	to   []string
}

// The longest tree that a package lies in decides.
var arrows = []arrow{
	{"netlog", []string{"netlog/wire"}},
	{"netlog/wire", nil},
	{"drivers", nil},
	{"board", []string{"drivers", "netlog", "toolchain/kernel"}},
	{"toolchain", nil},
	{"qemu", []string{"netlog/wire", "internal", "toolchain"}},
	{"internal", []string{"drivers", "netlog/wire"}},
	{"internal/screentext", []string{"board/framebuffer"}},
	{"internal/qtest", []string{"drivers/dma", "drivers/pci", "drivers/reg"}},
	{"cmd/receiver", []string{"internal", "netlog/wire"}},
	{"cmd/mkimage", []string{"toolchain"}},
	{"cmd/image", []string{"board", "drivers", "netlog", "netstack", "internal/webtarget"}},
	{"cmd/finds", []string{"board"}},
	{"cmd/frames", []string{"board", "drivers", "netlog"}},
	{"cmd/memory", []string{"board", "netlog"}},
	{"cmd/selftest", []string{"board"}},
	{"cmd/measure", []string{"board", "netlog"}},
	{"cmd/sockets", []string{"board", "netstack"}},
	{"cmd/transfer", []string{"board", "netstack"}},
	{"examples", []string{"board", "netlog", "netstack"}},
	{"netstack", []string{"board", "netlog"}},
}

func rule(path string) (best arrow, ok bool) {
	for _, a := range arrows {
		if within(path, a.from) && len(a.from) > len(best.from) {
			best, ok = a, true
		}
	}
	return best, ok
}

func TestPackagesImportOnlyWhatTheirArrowsAllow(t *testing.T) {
	for _, tags := range []string{"", "tamago"} {
		for path, p := range list(t, tags) {
			name := strings.TrimPrefix(path, module)
			a, ok := rule(name)
			if !ok {
				t.Errorf("%s has no arrow in this test's table", name)
				continue
			}
			for _, imported := range p.Imports {
				to, ours := strings.CutPrefix(imported, module)
				if ours && !within(to, append([]string{a.from}, a.to...)...) {
					t.Errorf("%s imports %s; %s may import %v only", name, to, a.from, a.to)
				}
			}
		}
	}
}

// crashPath is what may run in an interrupt or exception handler.
var crashPath = []string{"drivers", "netlog", "board"}

func TestCrashPathImportsNeitherFmtNorNetNorSync(t *testing.T) {
	for _, tags := range []string{"", "tamago"} {
		packages := list(t, tags)
		// Most of a board's files are for the machine only.
		if imports := packages[module+"board/x86"].Imports; tags == "tamago" && !slices.Contains(imports, module+"netlog") {
			t.Errorf("board/x86 with the tag %s imports %v: these are not the machine's files", tags, imports)
		}
		for path, p := range packages {
			if !within(strings.TrimPrefix(path, module), crashPath...) {
				continue
			}
			for _, forbidden := range []string{"fmt", "net", "sync"} {
				if slices.Contains(p.Imports, forbidden) {
					t.Errorf("%s is on the crash path and imports %s", path, forbidden)
				}
			}
		}
	}
}

// Only boards know TamaGo. The receiver knows nothing of the machine, however
// far the way. Only tests reach what ends a test.
func TestWhatIsOutOfReach(t *testing.T) {
	packages := list(t, "tamago")
	reach := func(from string) map[string]bool {
		seen := map[string]bool{}
		var visit func(string)
		visit = func(path string) {
			for _, to := range packages[path].Imports {
				if !seen[to] {
					seen[to] = true
					visit(to)
				}
			}
		}
		visit(from)
		return seen
	}
	const tamago = "github.com/usbarmory/tamago"
	for path := range packages {
		name := strings.TrimPrefix(path, module)
		for to := range reach(path) {
			if within(to, tamago) && !within(name, "board", "cmd/finds", "cmd/frames", "cmd/image", "cmd/measure", "cmd/memory", "cmd/selftest", "cmd/sockets", "cmd/transfer", "examples", "netstack") {
				t.Errorf("%s reaches %s", name, to)
			}
			if to == module+"internal/qtest" || to == module+"internal/drivertest" {
				t.Errorf("%s reaches %s outside its tests", name, to)
			}
			if within(to, module+"drivers", module+"board", module+"netlog") && to != module+"netlog/wire" && within(name, "cmd/receiver") {
				t.Errorf("%s reaches %s", name, to)
			}
		}
	}
}
