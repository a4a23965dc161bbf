package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gasp/internal/source"
)

// bufferSize is how many bytes of a file wait before they are written unasked.
const bufferSize = 64 << 10

// file is one file that is appended to.
type file struct {
	path  string
	out   io.WriteCloser // nil while closed
	used  uint64
	buf   []byte
	lines uint64 // in buf
	lost  uint64 // lines that could not be written, since the last that was
}

// file returns the file of a path, and closes the idlest one when there are too many.
func (s *Store) file(path string) *file {
	s.clock++
	if f := s.files[path]; f != nil {
		f.used = s.clock
		return f
	}
	if len(s.files) >= maxFiles {
		var idlest *file
		for _, f := range s.files {
			if idlest == nil || f.used < idlest.used {
				idlest = f
			}
		}
		s.flush(idlest)
		idlest.close()
		delete(s.files, idlest.path)
	}
	f := &file{path: path, used: s.clock}
	s.files[path] = f
	return f
}

// append puts text of so many lines into a file.
func (s *Store) append(path string, text []byte, lines uint64) {
	f := s.file(path)
	f.buf = append(f.buf, text...)
	f.lines += lines
	if len(f.buf) >= bufferSize {
		s.flush(f)
	}
}

// flush writes a file's buffer. What cannot be written is given up, for it would grow without end.
func (s *Store) flush(f *file) {
	if len(f.buf) == 0 {
		return
	}
	err := f.write(s.open)
	switch {
	case err == nil && f.lost > 0:
		s.say(fmt.Sprintf("%s is written again, without %s", f.path, source.Count(f.lost, "line")))
		f.lost = 0
	case err != nil:
		if f.lost == 0 {
			s.say(fmt.Sprintf("%s is not being written: %v", f.path, reason(err)))
		}
		f.lost += f.lines
		f.close()
		delete(s.hosts, filepath.Dir(f.path)) // it may have been removed
	}
	f.buf, f.lines = f.buf[:0], 0
}

func (f *file) write(open func(string) (io.WriteCloser, error)) (err error) {
	if f.out == nil {
		if f.out, err = open(f.path); err != nil {
			f.out = nil
			return err
		}
	}
	if f.lost > 0 {
		// The last write may have ended within a line.
		note := fmt.Sprintf("\n%s -- %s could not be written here\n", stamp(time.Now()), source.Count(f.lost, "line"))
		if _, err := io.WriteString(f.out, note); err != nil {
			return err
		}
	}
	_, err = f.out.Write(f.buf)
	return err
}

func (f *file) close() {
	if f.out != nil {
		f.out.Close()
		f.out = nil
	}
}

// reason is an error without the path that the message names already.
func reason(err error) error {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// stamp is a time in a file: UTC, microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
