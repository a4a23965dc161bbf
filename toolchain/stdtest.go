package toolchain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// TestPackage is a package of the standard library that has tests.
type TestPackage struct {
	ImportPath string
	Name       string // in its package clause
	Dir        string // of its sources
	GOROOT     string
}

// TestPackages lists the packages of the standard library that match patterns, as
// go list takes them, and have tests on the architecture: those of the Go that builds
// images. dir is a folder of this module, "" is the current directory.
func TestPackages(ctx context.Context, arch, dir string, patterns ...string) ([]TestPackage, error) {
	target, err := findTarget(arch)
	if err != nil {
		return nil, err
	}
	t, err := selectGo(ctx, dir)
	if err != nil {
		return nil, err
	}
	args := []string{"list", "-json=ImportPath,Name,Dir,Standard,TestGoFiles,XTestGoFiles", "--"}
	cmd := exec.CommandContext(ctx, "go", append(args, patterns...)...)
	cmd.Dir = dir
	cmd.Env = slices.Concat(os.Environ(), target.environment("linux"), t.env)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = errors.New(strings.TrimSpace(string(exit.Stderr)))
		}
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []TestPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			TestPackage
			Standard                  bool
			TestGoFiles, XTestGoFiles []string
		}
		if err := d.Decode(&p); err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if !p.Standard {
			return nil, fmt.Errorf("%s is not a package of the standard library", p.ImportPath)
		}
		if p.GOROOT = t.root; len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 {
			packages = append(packages, p.TestPackage)
		}
	}
	return packages, nil
}

// boardTest is laid beside a package's own tests. The go command lets an external
// test of the standard library import other modules, and compiles those once more
// where they use the package under test.
const boardTest = `package %s_test

import _ "gasp/board/all"
`

// testSubstitutions are for tests only. On Linux testenv takes it for granted
// that programs can be started; as on other systems, it is to try.
var testSubstitutions = []substitution{
	{"internal/testenv/exec.go", "case \"wasip1\", \"js\", \"ios\":", "case \"wasip1\", \"js\", \"ios\", \"linux\":", 1},
}

// BuildTest builds the tests of a package of the standard library into an image,
// whose arguments are those of go test's programs (-test.short and so on).
// o.Package and o.Files are not used, and o.Dir is a folder of this module. Nothing is
// written into GOROOT.
func BuildTest(ctx context.Context, p TestPackage, o Options) error {
	t, err := findTarget(o.Arch)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "gasp-stdtest-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	o.Package = p.ImportPath
	c := command{options: o, target: t, linked: filepath.Join(tmp, "linked"), test: true}
	if c.toolchain, err = selectGo(ctx, o.Dir); err != nil {
		return err
	}
	if c.overlay, err = writeTestOverlay(t, c.toolchain.root, c.toolchain.version, filepath.Join(tmp, "overlay"), p); err != nil {
		return err
	}
	if o.Archive != "" {
		archive, err := filepath.Abs(o.Archive)
		if err != nil {
			return err
		}
		if err := c.bakeArchive(ctx, archive); err != nil {
			return err
		}
	}
	return c.image(ctx)
}

func writeTestOverlay(t *target, root, version, dir string, p TestPackage) (string, error) {
	o, err := newOverlay(t, root, version, dir)
	if err != nil {
		return "", err
	}
	for i := range testSubstitutions {
		if err := o.substitute(&testSubstitutions[i]); err != nil {
			return "", err
		}
	}
	err = o.put(filepath.Join(p.ImportPath, "gasp_board_test.go"), fmt.Appendf(nil, boardTest, p.Name))
	if err != nil {
		return "", err
	}
	return o.write()
}
