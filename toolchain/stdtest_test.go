package toolchain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestTestPackagesAreThoseWithTests(t *testing.T) {
	packages, err := TestPackages(t.Context(), "", "", "std")
	if err != nil {
		t.Fatal(err)
	}
	has := func(path string) bool {
		return slices.ContainsFunc(packages, func(p TestPackage) bool { return p.ImportPath == path })
	}
	if !has("strings") || !has("runtime") || has("internal/goarch") {
		t.Errorf("strings, runtime, internal/goarch are listed: %v, %v, %v", has("strings"), has("runtime"), has("internal/goarch"))
	}
	for _, p := range packages {
		if p.Name == "" || p.Dir != filepath.Join(p.GOROOT, "src", p.ImportPath) {
			t.Errorf("%+v is not complete", p)
		}
	}
	for _, pattern := range []string{"gasp/toolchain", "no/such/package"} {
		if _, err := TestPackages(t.Context(), "", "", pattern); err == nil || !strings.Contains(err.Error(), pattern) {
			t.Errorf("%s gives %v, want an error that names it", pattern, err)
		}
	}
}

func TestOverlayOfATestHasTheBoardsAndAProbe(t *testing.T) {
	root := goroot(t, append(targets[0].all(), testSubstitutions...)...)
	p := TestPackage{ImportPath: "math/rand/v2", Name: "rand"}
	path, err := writeTestOverlay(&targets[0], root, runtime.Version(), filepath.Join(t.TempDir(), "overlay"), p)
	if err != nil {
		t.Fatal(err)
	}
	files := replaced(t, path)
	text, err := os.ReadFile(files[filepath.Join(root, "src/math/rand/v2/gasp_board_test.go")])
	if err != nil || !bytes.Contains(text, []byte("package rand_test\n")) || !bytes.Contains(text, []byte(`_ "gasp/board/all"`)) {
		t.Errorf("the boards are not part of the test: %v\n%s", err, text)
	}
	text, err = os.ReadFile(files[filepath.Join(root, "src/internal/testenv/exec.go")])
	if err != nil || !bytes.Contains(text, []byte(testSubstitutions[0].new)) {
		t.Errorf("testenv does not try whether programs can be started: %v", err)
	}
}

// TestBuildTest builds the tests of a small package that has external tests only, with files in the image.
func TestBuildTest(t *testing.T) {
	const files = "what stands for an archive"
	archive := filepath.Join(t.TempDir(), "files.cpio")
	if err := os.WriteFile(archive, []byte(files), 0o644); err != nil {
		t.Fatal(err)
	}
	packages, err := TestPackages(t.Context(), "", "", "container/ring", "cmp")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		before := entries(t, p.Dir)
		out := filepath.Join(t.TempDir(), "image")
		var said bytes.Buffer
		if err := BuildTest(t.Context(), p, Options{Output: out, Archive: archive, Stderr: &said}); err != nil {
			t.Fatalf("%s: %v\n%s", p.ImportPath, err, &said)
		}
		image, err := os.ReadFile(out)
		if err != nil || !bytes.Contains(image, []byte("Xen\x00")) {
			t.Errorf("%s: the image of %d bytes is not bootable: %v", p.ImportPath, len(image), err)
		}
		if !bytes.Contains(image, []byte(files)) {
			t.Errorf("%s: the files are not in the image", p.ImportPath)
		}
		if after := entries(t, p.Dir); !slices.Equal(before, after) {
			t.Errorf("%s: GOROOT has changed from %q to %q", p.ImportPath, before, after)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := BuildTest(ctx, packages[0], Options{Output: filepath.Join(t.TempDir(), "image"), Stderr: new(bytes.Buffer)}); !errors.Is(err, context.Canceled) {
		t.Errorf("a build that was called off gives %v", err)
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}
