package toolchain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"gasp/toolchain/cpio"
)

func TestWriteArchiveOfNoFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{file, filepath.Join(dir, "none")} {
		out := filepath.Join(dir, "out")
		if err := WriteArchive(out, from); err == nil {
			t.Errorf("the files of %s are in an archive", from)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s leaves an archive", from)
		}
	}
}

// TestFailureLeavesWhatWasThere: of a folder that is no archive, half of which would be written, and with nothing beside it.
func TestFailureLeavesWhatWasThere(t *testing.T) {
	dir, from := t.TempDir(), t.TempDir()
	out := filepath.Join(dir, "out.cpio")
	if err := errors.Join(os.WriteFile(filepath.Join(from, "a"), make([]byte, 1<<20), 0o644), syscall.Mkfifo(filepath.Join(from, "b"), 0o644),
		os.WriteFile(out, []byte("old"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := WriteArchive(out, from); !errors.Is(err, cpio.ErrKind) {
		t.Errorf("an archive with a pipe: %v, want ErrKind", err)
	}
	if text, err := os.ReadFile(out); string(text) != "old" {
		t.Errorf("there are %d bytes in place of what was there, %v", len(text), err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("beside it there is %v", list)
	}
}

// TestDeviceStaysOne: whoever only wants to see whether a program builds says -o /dev/null, as root perhaps.
func TestDeviceStaysOne(t *testing.T) {
	link := filepath.Join(t.TempDir(), "null")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(link, []byte("image"), 0o755); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(link); err != nil {
		t.Error(err)
	} else if info.Mode().IsRegular() {
		t.Errorf("the device has become a file of %d bytes", info.Size())
	}
}

func TestTamaGoHasNoFiles(t *testing.T) {
	err := Build(context.Background(), Options{Package: ".", Output: filepath.Join(t.TempDir(), "image"), TamaGo: "/bin/false", Files: t.TempDir(), Stderr: new(bytes.Buffer)})
	if !errors.Is(err, ErrFilesTamaGo) {
		t.Errorf("the error is %v, want %v", err, ErrFilesTamaGo)
	}
}
