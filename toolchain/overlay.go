package toolchain

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The kernel: files that are added to GOROOT/src.
//
//go:embed _goroot kernel/*.go
var added embed.FS

// WriteOverlay writes to dir, which it makes, what go build -overlay wants to
// build for a bare machine of an architecture with the Go of this root and version,
// and returns the path of the JSON file. A root that does not fit gives a
// *MismatchError or the error of reading the file.
func WriteOverlay(arch, root, version, dir string) (string, error) {
	t, err := findTarget(arch)
	if err != nil {
		return "", err
	}
	o, err := newOverlay(t, root, version, dir)
	if err != nil {
		return "", err
	}
	return o.write()
}

// newOverlay makes the overlay that every image of a target needs.
func newOverlay(t *target, root, version, dir string) (*overlay, error) {
	o := &overlay{src: filepath.Join(root, "src"), version: version, dir: dir, replace: map[string]string{}}
	for _, s := range t.all() {
		if err := o.substitute(&s); err != nil {
			return nil, err
		}
	}
	if err := o.addTree("_goroot", ""); err != nil {
		return nil, err
	}
	return o, o.addTree("kernel", "internal/runtime/kernel")
}

// write writes the JSON file and returns its path.
func (o *overlay) write() (string, error) {
	j, err := json.MarshalIndent(map[string]any{"Replace": o.replace}, "", "\t")
	if err != nil {
		return "", err
	}
	path := filepath.Join(o.dir, "overlay.json")
	return path, os.WriteFile(path, j, 0o644)
}

type overlay struct {
	src, version, dir string
	replace           map[string]string // path in GOROOT to path in dir
}

// substitute applies s to the file as left by those before.
func (o *overlay) substitute(s *substitution) error {
	path := filepath.Join(o.src, s.file)
	from := path
	if done, ok := o.replace[path]; ok {
		from = done
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	patched, err := s.apply(o.version, path, string(text))
	if err != nil {
		return err
	}
	return o.put(s.file, []byte(patched))
}

func (o *overlay) addTree(from, to string) error {
	return fs.WalkDir(added, from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".h") {
			return err
		}
		data, err := added.ReadFile(path)
		if err == nil && strings.HasSuffix(path, ".s") {
			data, err = include(data)
		}
		if err != nil {
			return err
		}
		return o.put(to+strings.TrimPrefix(path, from), data)
	})
}

// include puts a header of the kernel's in the place of the line that includes it: the go command overlays Go and
// assembly files only.
func include(text []byte) ([]byte, error) {
	const header = "gasp_arm64.h"
	data, err := added.ReadFile("_goroot/runtime/" + header)
	return bytes.ReplaceAll(text, []byte("#include \""+header+"\"\n"), data), err
}

// put lays data over the file of GOROOT/src.
func (o *overlay) put(file string, data []byte) error {
	path := filepath.Join(o.dir, file)
	o.replace[filepath.Join(o.src, file)] = path
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
