package symbols

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Sources reads lines of source files. Only files that an image names are to be asked for: a report's
// text can name any.
type Sources struct {
	roots []root
	files map[string][][]byte // the lines of each, nil if it cannot be read
	size  int
}

// root is a folder to look in, and the path that the Go module there has, "" if there is none.
type root struct {
	*os.Root
	module string
}

const (
	// maxSource is how large a source file may be that is read, maxSources how much of all is kept, in
	// bytes, and maxLine how much of a line is shown.
	maxSource  = 4 << 20
	maxSources = 64 << 20
	maxLine    = 200
	maxModule  = 1 << 20 // of a go.mod
)

// NewSources looks in folders, in their order. A folder with a go.mod has the files of that module;
// below another one files are at the paths that the image has for them, as in $GOROOT/src. A folder that
// cannot be opened has none.
func NewSources(folders []string) *Sources {
	s := &Sources{files: make(map[string][][]byte)}
	for _, folder := range folders {
		if opened, err := os.OpenRoot(folder); err == nil {
			s.roots = append(s.roots, root{opened, module(opened)})
		}
	}
	return s
}

// Close closes the folders.
func (s *Sources) Close() {
	for _, r := range s.roots {
		r.Close()
	}
}

// Line returns a line of a file, without the blanks around it; "" if it cannot be read. Lines count
// from 1.
func (s *Sources) Line(file string, line int) string {
	lines, known := s.files[file]
	if !known {
		if text := s.read(file); s.size+len(text) <= maxSources {
			s.size += len(text)
			lines = bytes.Split(text, []byte{'\n'})
		}
		s.files[file] = lines
	}
	if line < 1 || line > len(lines) {
		return ""
	}
	text := bytes.TrimSpace(lines[line-1])
	return string(text[:min(len(text), maxLine)])
}

func (s *Sources) read(file string) []byte {
	if filepath.IsAbs(file) {
		if f, err := os.Open(file); err == nil {
			return whole(f)
		}
		return nil
	}
	for _, r := range s.roots {
		names := []string{path.Clean(file)}
		if rest, ok := strings.CutPrefix(file, r.module+"/"); ok && r.module != "" {
			names = append(names, path.Clean(rest))
		}
		for _, name := range names {
			if f, err := r.Open(name); err == nil {
				return whole(f)
			}
		}
	}
	return nil
}

// whole reads a regular file that is not too large, and closes it.
func whole(f fs.File) []byte {
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSource))
	if err != nil {
		return nil
	}
	return text
}

// module is the path in a folder's go.mod (https://go.dev/ref/mod#go-mod-file-module).
func module(r *os.Root) string {
	f, err := r.Open("go.mod")
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxModule))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			rest, _, _ = strings.Cut(rest, "//")
			return strings.Trim(strings.TrimSpace(rest), `"`)
		}
	}
	return ""
}
