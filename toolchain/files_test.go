package toolchain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
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

func TestTamaGoHasNoFiles(t *testing.T) {
	err := Build(context.Background(), Options{Package: ".", Output: filepath.Join(t.TempDir(), "image"), TamaGo: "/bin/false", Files: t.TempDir(), Stderr: new(bytes.Buffer)})
	if !errors.Is(err, ErrFilesTamaGo) {
		t.Errorf("the error is %v, want %v", err, ErrFilesTamaGo)
	}
}
