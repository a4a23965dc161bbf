package symbols

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestImagesAreKeptByTheirBuildID(t *testing.T) {
	f := In(t.TempDir())
	if list, err := f.List(); err != nil || len(list) != 0 {
		t.Fatalf("nothing added: %v, %v", list, err)
	}
	for range 2 { // adding it again changes nothing
		added, image, err := f.Add("testdata/small.elf", []string{"/src"}, now)
		if err != nil || added.Build != image.Build || len(added.Build) != 40 {
			t.Fatalf("added %+v, %v", added, err)
		}
	}
	list, err := f.List()
	if err != nil || len(list) != 1 || list[0].Name != "small.elf" || !list[0].Added.Equal(now) || list[0].Size == 0 || list[0].Sources[0] != "/src" {
		t.Fatalf("there are %+v, %v", list, err)
	}
	build := list[0].Build
	image, stored, err := f.Open(build)
	if err != nil || image.Build != build || stored.Build != build {
		t.Fatalf("%v", err)
	}
	image.Close()
	if s, err := f.Find(build[:5]); err != nil || s.Build != build {
		t.Errorf("%+v, %v", s, err)
	}
	for _, prefix := range []string{"", "xyz", build + "00"} {
		if _, err := f.Find(prefix); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", prefix, err)
		}
	}
	if entries, _ := os.ReadDir(f.Path()); len(entries) != 1 {
		t.Errorf("the folder holds %v", entries)
	}
	if err := f.Remove(build); err != nil {
		t.Error(err)
	}
	if _, _, err := f.Open(build); !errors.Is(err, ErrUnknown) {
		t.Errorf("removed: %v", err)
	}
}

func TestAmbiguousBuildID(t *testing.T) {
	f := In(t.TempDir())
	for _, build := range []string{"abcd01", "abcd02", "not-a-build", "ABCD", ".new-1"} {
		os.MkdirAll(filepath.Join(f.Path(), build), 0o700)
		os.WriteFile(filepath.Join(f.Path(), build, imageName), nil, 0o600)
		os.WriteFile(filepath.Join(f.Path(), build, aboutName), []byte("{"), 0o600)
	}
	if list, err := f.List(); err != nil || len(list) != 2 {
		t.Errorf("there are %+v, %v", list, err)
	}
	if _, err := f.Find("abcd"); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("abcd: %v", err)
	}
}

func TestBuildIDFromTheNetworkIsNoPath(t *testing.T) {
	f := In(t.TempDir())
	for _, build := range []string{"", "..", "../..", "/etc", "abc", "ABCD", strings.Repeat("ab", maxBuildID+1), "a/", "zz"} {
		if _, _, err := f.Open(build); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", build, err)
		}
		if err := f.Remove(build); !errors.Is(err, ErrUnknown) {
			t.Errorf("removing %q: %v", build, err)
		}
	}
}

func TestBadImageIsNotAdded(t *testing.T) {
	f := In(t.TempDir())
	if _, _, err := f.Add("folder.go", nil, now); !errors.Is(err, ErrFormat) {
		t.Errorf("%v", err)
	}
	if _, _, err := f.Add("testdata", nil, now); err == nil {
		t.Error("a folder was added")
	}
	if _, err := os.Stat(f.Path()); err == nil {
		t.Error("it made a folder")
	}
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	write := func(path, text string) string {
		path = filepath.Join(dir, path)
		os.MkdirAll(filepath.Dir(path), 0o700)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("module/go.mod", "// comment\nmodule example.com/m // another\n")
	write("module/y.go", "why\n")
	write("plain/go.mod", "module gasp\n\ngo 1.26\n")
	write("plain/cmd/x.go", "one\n\t two \nthree")
	write("src/fmt/print.go", "package fmt\n")
	absolute := write("secret/key", "secret\n")
	os.Symlink(absolute, filepath.Join(dir, "src", "link.go"))
	s := NewSources([]string{filepath.Join(dir, "plain"), filepath.Join(dir, "src"), filepath.Join(dir, "none"), filepath.Join(dir, "module")})
	defer s.Close()
	for _, test := range []struct {
		file string
		line int
		want string
	}{
		{"gasp/cmd/x.go", 2, "two"}, {"cmd/x.go", 3, "three"}, {"gasp/cmd/x.go", 4, ""}, {"gasp/cmd/x.go", 0, ""}, {"gasp/cmd/x.go", -1, ""},
		{"fmt/print.go", 1, "package fmt"}, {"example.com/m/y.go", 1, "why"}, {absolute, 1, "secret"}, {"../secret/key", 1, ""}, {"link.go", 1, ""}, {"", 1, ""}, {"gasp/", 1, ""}, {"cmd", 1, ""},
	} {
		for range 2 {
			if got := s.Line(test.file, test.line); got != test.want {
				t.Errorf("%s:%d is %q, want %q", test.file, test.line, got, test.want)
			}
		}
	}
}
