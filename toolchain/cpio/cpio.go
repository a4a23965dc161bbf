// Package cpio writes cpio archives in the "newc" format (Linux
// Documentation/driver-api/early-userspace/buffer-format.rst): the files that a
// machine finds, given by QEMU's -initrd or baked into its image.
package cpio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What an archive cannot hold.
var (
	ErrTooLarge = errors.New("a file of 4 GiB or more")
	ErrKind     = errors.New("neither a file, nor a directory, nor a symbolic link")
	ErrSize     = errors.New("what is written is not as long as was said")
	ErrName     = errors.New("a name of more than 4095 bytes, or an empty one")
)

const (
	maxName = 4095
	trailer = "TRAILER!!!"

	typeSymlink = 0o120000 // include/uapi/linux/stat.h
	typeRegular = 0o100000
	typeDir     = 0o040000
)

// A Writer writes one archive.
type Writer struct {
	w   *bufio.Writer
	n   int64 // written
	ino uint32
}

// NewWriter starts an archive.
func NewWriter(w io.Writer) *Writer { return &Writer{w: bufio.NewWriter(w)} }

// Add writes an entry: a directory, a symbolic link, whose target is what r gives,
// or a regular file. size is of what r gives, in bytes.
func (w *Writer) Add(name string, mode fs.FileMode, modified time.Time, size int64, r io.Reader) error {
	kind := uint32(0)
	switch mode.Type() {
	case 0:
		kind = typeRegular
	case fs.ModeDir:
		kind, size = typeDir, 0
	case fs.ModeSymlink:
		kind = typeSymlink
	default:
		return fmt.Errorf("%s: %w", name, ErrKind)
	}
	if size > math.MaxUint32 {
		return fmt.Errorf("%s: %w", name, ErrTooLarge)
	}
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%.40s: %w", name, ErrName)
	}
	seconds := min(max(modified.Unix(), 0), math.MaxUint32)
	w.header(name, kind|uint32(mode.Perm()), uint32(seconds), uint32(size))
	if size > 0 {
		n, err := io.Copy(w.w, io.LimitReader(r, size))
		w.n += n
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if n != size {
			return fmt.Errorf("%s: %w", name, ErrSize)
		}
	}
	return w.pad()
}

// header writes to a bufio.Writer, which keeps its first error.
func (w *Writer) header(name string, mode, mtime, size uint32) {
	w.ino++
	n, _ := fmt.Fprintf(w.w, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		w.ino, mode, 0, 0, 1, mtime, size, 0, 0, 0, 0, len(name)+1, 0, name)
	w.n += int64(n)
	w.pad()
}

func (w *Writer) pad() error {
	n, err := w.w.Write(make([]byte, -w.n&3))
	w.n += int64(n)
	return err
}

// Close ends the archive.
func (w *Writer) Close() error {
	w.header(trailer, 0, 0, 0)
	return w.w.Flush()
}

// AddTree adds what is in the folder dir of this machine, under the path at, "" for
// the root. Symbolic links stay what they are.
func (w *Writer) AddTree(dir, at string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(filepath.Join(at, rel))
		info, err := d.Info()
		if err != nil {
			return err
		}
		return w.addFile(name, path, info)
	})
}

func (w *Writer) addFile(name, path string, info fs.FileInfo) error {
	switch info.Mode().Type() {
	case fs.ModeSymlink:
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		return w.Add(name, info.Mode(), info.ModTime(), int64(len(target)), strings.NewReader(target))
	case 0:
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return w.Add(name, info.Mode(), info.ModTime(), info.Size(), f)
	}
	return w.Add(name, info.Mode(), info.ModTime(), 0, nil)
}
