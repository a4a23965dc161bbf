package toolchain

import (
	"bytes"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestDocumentedSizes: docs/toolchain.md names every file of the kernel, with its size in lines, a fifth more or less.
func TestDocumentedSizes(t *testing.T) {
	const page = "../docs/toolchain.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]int{}
	for _, m := range regexp.MustCompile(`\b((?:kernel/|goos/)?\w+\.(?:go|s|h)) (\d+)[, ]`).FindAllSubmatch(text, -1) {
		documented[string(m[1])], _ = strconv.Atoi(string(m[2]))
	}
	err = fs.WalkDir(added, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := added.ReadFile(path)
		name, lines := strings.TrimPrefix(strings.TrimPrefix(path, "_goroot/runtime/"), "_goroot/net/"), bytes.Count(data, newline)
		if n := documented[name]; 5*n < 4*lines || 5*n > 6*lines {
			t.Errorf("%s has %d lines, %s says %d", name, lines, page, n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

var newline = []byte{'\n'}
