package toolchain

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// goroot makes a copy of the files of the real GOROOT that the substitutions touch.
func goroot(t *testing.T, substitutions ...substitution) string {
	t.Helper()
	real, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, s := range substitutions {
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(real)), "src", s.file))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, "src", s.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func replaced(t *testing.T, overlay string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(overlay)
	if err != nil {
		t.Fatal(err)
	}
	var o struct{ Replace map[string]string }
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	return o.Replace
}

func TestOverlayLeavesNoSystemCall(t *testing.T) {
	amd64, err := findTarget("amd64")
	if err != nil {
		t.Fatal(err)
	}
	root := goroot(t, amd64.all()...)
	path, err := WriteOverlay("amd64", root, runtime.Version(), filepath.Join(t.TempDir(), "overlay"))
	if err != nil {
		t.Fatal(err)
	}
	jumps := 0
	for original, file := range replaced(t, path) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("the overlay names a file that is not there: %v", err)
		}
		jumps += strings.Count(string(text), syscallJump)
		if strings.HasSuffix(file, ".s") && strings.Contains(string(text), "\tSYSCALL\n") {
			t.Errorf("%s still has a SYSCALL", original)
		}
		if !strings.HasPrefix(original, filepath.Join(root, "src")) {
			t.Errorf("the overlay replaces %s, outside GOROOT", original)
		}
	}
	if jumps != 46 {
		t.Errorf("%d system calls were replaced, want 46", jumps)
	}
}

func TestOverlayNamesWhatDoesNotFit(t *testing.T) {
	for _, target := range targets {
		for _, s := range target.all() {
			namesWhatDoesNotFit(t, target.arch, s, target.all())
		}
	}
}

func namesWhatDoesNotFit(t *testing.T, arch string, s substitution, all []substitution) {
	root := goroot(t, all...)
	path := filepath.Join(root, "src", s.file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), s.old, "", 1)
	if err := os.WriteFile(path, []byte(other), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = WriteOverlay(arch, root, "go1.99", filepath.Join(t.TempDir(), "overlay"))
	var mismatch *MismatchError
	if !errors.As(err, &mismatch) || mismatch.File != path || mismatch.Got != s.n-1 || mismatch.Want != s.n {
		t.Errorf("%s without one %q: %v", s.file, s.old, err)
		return
	}
	for _, want := range []string{"go1.99", path, GoVersion, "GOTOOLCHAIN="} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}

func TestUnknownArchitecture(t *testing.T) {
	err := Build(t.Context(), Options{Arch: "vax", Package: ".", Output: filepath.Join(t.TempDir(), "image")})
	if !errors.Is(err, ErrArch) || !strings.Contains(err.Error(), "vax") || !strings.Contains(err.Error(), "amd64") {
		t.Errorf("the error is %v, want one that names what was asked for and what there is", err)
	}
}

func TestOverlayOfNoGOROOTNamesTheFile(t *testing.T) {
	root := t.TempDir()
	_, err := WriteOverlay("", root, "go1.26.8", filepath.Join(t.TempDir(), "overlay"))
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), root) {
		t.Errorf("the error is %v, want one that names a file of %s", err, root)
	}
}
