package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/toolchain"
)

// unpack reads a cpio archive in the "newc" format: contents by name, those of a folder are "/".
func unpack(b []byte) (map[string]string, error) {
	all := map[string]string{}
	for {
		var f [13]uint32
		if len(b) < 110 || string(b[:6]) != "070701" {
			return nil, fmt.Errorf("no header at the end of %d entries", len(all))
		}
		for i := range f {
			if _, err := fmt.Sscanf(string(b[6+8*i:14+8*i]), "%08x", &f[i]); err != nil {
				return nil, err
			}
		}
		mode, size, nameSize := f[1], int(f[6]), int(f[11])
		data := (110 + nameSize + 3) &^ 3
		next := (data + size + 3) &^ 3
		if len(b) < next || b[110+nameSize-1] != 0 {
			return nil, fmt.Errorf("entry %d is cut off", len(all))
		}
		name := string(b[110 : 110+nameSize-1])
		if name == "TRAILER!!!" {
			return all, nil
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		all[name] = string(b[data : data+size])
		if mode&0o170000 == 0o040000 {
			all[name] = "/"
		}
		b = b[next:]
	}
}

func TestArchiveHasWhatATestMayRead(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"VERSION": "go1\n", "go.env": "", "src/go.mod": "module std\n", "src/p/p.go": "package p\n", "src/p/testdata/deep/empty": "",
		"src/p/testdata/odd": "12345", "src/other/testdata/wanted": "w", "src/other/testdata/not": "n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("odd", filepath.Join(root, "src/p/testdata/link")); err != nil {
		t.Fatal(err)
	}
	list, err := readExpectations("p files - src/other/testdata/wanted src/p/testdata")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "archive")
	if err := writeArchive(path, toolchain.TestPackage{ImportPath: "p", Dir: filepath.Join(root, "src/p"), GOROOT: root}, list); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	in := strings.TrimPrefix(root, "/")
	for name, want := range map[string]string{
		"/VERSION": "go1\n", "/src/go.mod": "module std\n", "/src/p": "/", "/src/p/p.go": "package p\n",
		"/src/p/testdata": "/", "/src/p/testdata/deep/empty": "", "/src/p/testdata/odd": "12345", "/src/p/testdata/link": "odd",
		"/src/other/testdata/wanted": "w",
	} {
		if got, ok := all[in+name]; !ok || got != want {
			t.Errorf("%s is %q (there: %v), want %q", in+name, got, ok, want)
		}
	}
	if _, ok := all[in+"/src/other/testdata/not"]; ok {
		t.Error("a file is there that nobody asked for")
	}
	if !bytes.HasSuffix(b, []byte("TRAILER!!!\x00\x00\x00\x00")) || len(b)%4 != 0 {
		t.Errorf("the archive of %d bytes does not end with a trailer", len(b))
	}
	missing, _ := readExpectations("p files - src/no/such")
	if err := writeArchive(path, toolchain.TestPackage{Dir: filepath.Join(root, "src/p"), GOROOT: root}, missing); err == nil || !strings.Contains(err.Error(), "src/no/such") {
		t.Errorf("a file of the list that is not there gives %v", err)
	}
}
