package toolchain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeGo is a go command that keeps its arguments and its environment, and
// delivers the given executable. It fails if there is none.
func fakeGo(t *testing.T, executable string) (path, dir string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "go")
	script := "#!/bin/sh\n" +
		"printf '%s\\n' \"$@\" > '" + dir + "/args'\n" +
		"env > '" + dir + "/env'\n" +
		"echo built by a fake >&2\n" +
		"while [ \"$1\" != -o ]; do shift; done\n" +
		"cp '" + executable + "' \"$2\"\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path, dir
}

// lines reads a file that fakeGo wrote.
func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// file writes an executable that has the given function.
func file(t *testing.T, function string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "executable")
	if err := os.WriteFile(path, linked(t, function), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTamaGoBuildsTheSameSourcesWithoutOverlay(t *testing.T) {
	executable := file(t, "cpuinit")
	tamago, dir := fakeGo(t, executable)
	t.Setenv("GOOS", "plan9")
	t.Setenv("GOROOT", "/of/another/go")
	output := filepath.Join(t.TempDir(), "image")
	var said bytes.Buffer
	err := Build(context.Background(), Options{
		Package: "./main", Output: output, TamaGo: tamago, Stderr: &said,
		Cmdline: "loglevel=7 x", Tags: "extra",
	})
	if err != nil {
		t.Fatal(err)
	}

	args := lines(t, filepath.Join(dir, "args"))
	if i := slices.Index(args, "-o"); i >= 0 {
		args = slices.Delete(args, i, i+2)
	}
	want := []string{"build", "-trimpath", "-tags", "linkcpuinit,linkramstart,extra",
		"-ldflags", "-T " + amd64Text + " -R 0x1000 -E cpuinit -w -X 'gasp/board/machine.defaultCmdline=loglevel=7 x'", "./main"}
	if !slices.Equal(args, want) {
		t.Errorf("TamaGo's go was called with\n%q, want\n%q", args, want)
	}
	env := lines(t, filepath.Join(dir, "env"))
	for _, v := range []string{"GOOS=tamago", "GOARCH=amd64", "GOAMD64=v1", "GOOSPKG=github.com/usbarmory/tamago",
		"CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOROOT="} {
		if !slices.Contains(env, v) {
			t.Errorf("TamaGo's go ran without %s in its environment", v)
		}
	}
	if said.String() != "built by a fake\n" {
		t.Errorf("of what TamaGo's go said, %q was passed on", &said)
	}

	in, err := os.ReadFile(executable)
	if err != nil {
		t.Fatal(err)
	}
	image, err := bootable(in, false)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(output); err != nil || !bytes.Equal(got, image) {
		t.Errorf("the image is not what was linked, with what its loaders want (%d bytes, want %d): %v", len(got), len(image), err)
	}
}

func TestFailureOfTamaGoLeavesNoImage(t *testing.T) {
	tamago, _ := fakeGo(t, "/no such file")
	output := filepath.Join(t.TempDir(), "image")
	var said bytes.Buffer
	err := Build(context.Background(), Options{Package: "./main", Output: output, TamaGo: tamago, Stderr: &said})
	if err == nil || !strings.Contains(err.Error(), tamago) {
		t.Errorf("the error does not name the command that failed: %v", err)
	}
	if _, err := os.Stat(output); !os.IsNotExist(err) {
		t.Errorf("there is an image: %v", err)
	}
	if !strings.Contains(said.String(), "no such file") {
		t.Errorf("the cause was not passed on, but %q", &said)
	}
}

func TestTamaGoProgramWithoutABoardIsNoImage(t *testing.T) {
	tamago, _ := fakeGo(t, file(t, "other"))
	output := filepath.Join(t.TempDir(), "image")
	err := Build(context.Background(), Options{Package: "./main", Output: output, TamaGo: tamago, Stderr: new(bytes.Buffer)})
	if !errors.Is(err, ErrNotImage) {
		t.Errorf("a program without a board gives %v, want ErrNotImage", err)
	}
	if _, err := os.Stat(output); !os.IsNotExist(err) {
		t.Errorf("there is an image: %v", err)
	}
}
