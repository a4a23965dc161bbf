package cpio

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gasp/toolchain/kernel"
)

// A reader is the kernel's tree of an archive.
func reader(t *testing.T, archive []byte) *kernel.Files {
	t.Helper()
	f := &kernel.Files{}
	if !f.Tree().Build([][]byte{archive}, func(n int) []kernel.Node { return make([]kernel.Node, n) }, func([]kernel.Node) {}) {
		t.Fatal("no tree")
	}
	if d := f.Tree().Damage(0); d != 0 {
		t.Errorf("the kernel says of the archive: %s", d)
	}
	f.Start()
	return f
}

func contents(f *kernel.Files, path string) string {
	fd, errno := f.Open(0, []byte(path), 0)
	if errno != 0 {
		return "cannot be opened"
	}
	b := make([]byte, 1000)
	n, _ := f.Read(uint64(fd), b)
	f.Close(uint64(fd))
	return string(b[:n])
}

func TestAddTreeIsWhatTheKernelReads(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"f": "1", "d/g": "22", "d/e/h": "333", "empty": ""} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("d/e", filepath.Join(dir, "l")); err != nil {
		t.Fatal(err)
	}
	for at, prefix := range map[string]string{"": "/", "usr/share": "/usr/share/"} {
		var b bytes.Buffer
		w := NewWriter(&b)
		if err := errors.Join(w.AddTree(dir, at), w.Close()); err != nil {
			t.Fatal(err)
		}
		f := reader(t, b.Bytes())
		for name, want := range map[string]string{"f": "1", "d/g": "22", "l/h": "333", "empty": "", "x": "cannot be opened"} {
			if got := contents(f, prefix+name); got != want {
				t.Errorf("%s%s is %q, want %q", prefix, name, got, want)
			}
		}
	}
}

func TestAddRefusesWhatAnArchiveCannotHold(t *testing.T) {
	for _, tt := range []struct {
		name string
		mode fs.FileMode
		size int64
		r    io.Reader
		want error
	}{
		{"pipe", fs.ModeNamedPipe, 0, nil, ErrKind},
		{"large", 0, 1 << 32, nil, ErrTooLarge},
		{"short", 0, 10, strings.NewReader("abc"), ErrSize},
		{"", 0, 0, nil, ErrName},
		{strings.Repeat("x", maxName+1), 0, 0, nil, ErrName},
	} {
		w := NewWriter(io.Discard)
		if err := w.Add(tt.name, tt.mode, time.Time{}, tt.size, tt.r); !errors.Is(err, tt.want) {
			t.Errorf("%.10s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// full fails as a full disk does.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestErrorsOfWritingAreTold(t *testing.T) {
	w := NewWriter(full{})
	err := w.Add("f", 0o644, time.Now(), 10000, strings.NewReader(strings.Repeat("x", 10000)))
	if err = errors.Join(err, w.Close()); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("on a full disk: %v", err)
	}
}
