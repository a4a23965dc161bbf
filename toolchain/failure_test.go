package toolchain

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatDoesNotBuild: of a program that does not build, the compiler says where, and the error says what it was; neither
// shows the command, unless that was asked for.
func TestWhatDoesNotBuild(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":            "module gasp\n\ngo 1.26.0\n",
		"board/it/board.go": "package it\n",
		"main.go":           "package main\n\nimport _ \"gasp/board/it\"\n\nfunc main() { nobody() }\n",
	} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	const cmdline = "gasp.key=0123456789abcdef"
	for _, show := range []bool{false, true} {
		var said bytes.Buffer
		err := Build(t.Context(), Options{Package: ".", Output: filepath.Join(dir, "out.elf"), Dir: dir, Cmdline: cmdline, Show: show, Stderr: &said})
		if want := "go build .: exit status 1"; err == nil || err.Error() != want {
			t.Errorf("show %v: the error is %q, want %q", show, err, want)
		}
		if !strings.Contains(said.String(), "main.go:5:15: undefined: nobody\n") {
			t.Errorf("show %v: the compiler is not heard: %q", show, said.String())
		}
		if shown := strings.Contains(said.String(), "-overlay") && strings.Contains(said.String(), cmdline); shown != show {
			t.Errorf("show %v: it says %q", show, said.String())
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out.elf")); err == nil {
		t.Error("there is an image")
	}
}

// TestProgramWithoutABoard: that is said, and not what the linker misses.
func TestProgramWithoutABoard(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module other\n\ngo 1.26.0\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	err := Build(t.Context(), Options{Package: ".", Output: filepath.Join(dir, "out.elf"), Dir: dir, Stderr: &said})
	if !errors.Is(err, ErrNotImage) || said.Len() > 0 {
		t.Errorf("%v, want ErrNotImage; it says %q", err, said.String())
	}
}
