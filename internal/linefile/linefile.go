// Package linefile appends records to files, each one line, so that one that was not written whole is
// never taken for one that was: not after a full disk, and not after the program was killed.
//
// A line that ends in a newline is a whole record. When a write ends within a line, the file is cut
// back to the last whole one. When the program died within a write, the next one to open the file
// ends that line with a mark.
package linefile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"gasp/internal/source"
)

// The modes of what is made: logs may hold secrets.
const (
	FolderMode = 0o750
	FileMode   = 0o640
)

// Options say how a file is written.
type Options struct {
	// Cut is what marks a last line that was not written whole, with its newline.
	Cut string
	// Lost appends the line which says that so many records are missing here.
	Lost func(dst []byte, records uint64) []byte
	// Say shows a message to the user.
	Say func(string)
}

// File is one that lines are appended to. It is opened when something is written, and for one
// goroutine.
type File struct {
	path    string
	options Options
	out     *os.File // nil while closed
	given   bool     // it was open already, and stays so
	regular bool
	size    int64
	lost    uint64 // records that could not be written, since the last that was
	total   uint64
	joined  []byte
}

// New returns the file of a path. It touches nothing.
func New(path string, o Options) *File { return &File{path: path, options: o} }

// On returns a file that is open already, and stays so.
func On(out *os.File, o Options) *File {
	return &File{path: out.Name(), options: o, out: out, given: true}
}

// Path is where it is.
func (f *File) Path() string { return f.path }

// IsOpen says whether it uses a descriptor.
func (f *File) IsOpen() bool { return f.out != nil }

// Size is its size in bytes when it was written last, as far as that succeeded.
func (f *File) Size() int64 { return f.size }

// Lost counts since the start the records that could not be written, and are not told to be lost on
// the way here.
func (f *File) Lost() uint64 { return f.total }

// Pending says whether records are missing of which the file does not say it yet.
func (f *File) Pending() bool { return f.lost > 0 }

// Write appends whole lines. What cannot be written is given up and counted, and said once; when the
// file can be written again, it says how many records are missing.
func (f *File) Write(lines []byte) {
	err := f.Open()
	if err == nil {
		lines, err = f.append(lines)
	}
	if err == nil {
		return
	}
	if f.lost == 0 {
		f.options.Say(fmt.Sprintf("%s is not being written: %v", f.path, reason(err)))
	}
	n := uint64(bytes.Count(lines, []byte{'\n'}))
	f.lost += n
	f.total += n
	f.Close()
}

// Open opens the file, unless it is open and still there: one that was removed is made anew, with its
// folder. It marks a last line that is not whole.
func (f *File) Open() error {
	if f.given {
		return nil
	}
	if f.out != nil {
		if !f.regular {
			return nil
		}
		var now unix.Stat_t
		if err := unix.Fstat(int(f.out.Fd()), &now); err == nil && now.Nlink > 0 {
			f.size = now.Size
			return nil
		}
		f.Close()
	}
	const how = os.O_RDWR | os.O_APPEND | os.O_CREATE
	out, err := os.OpenFile(f.path, how, FileMode)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(f.path), FolderMode); err == nil {
			out, err = os.OpenFile(f.path, how, FileMode)
		}
	}
	if err != nil {
		return err
	}
	f.out = out
	info, err := out.Stat()
	if err != nil {
		f.Close()
		return err
	}
	f.size, f.regular = info.Size(), info.Mode().IsRegular()
	if err := f.mark(); err != nil {
		f.Close()
		return err
	}
	return nil
}

// mark ends a last line that is not whole.
func (f *File) mark() error {
	if !f.regular || f.size == 0 {
		return nil
	}
	var last [1]byte
	if _, err := f.out.ReadAt(last[:], f.size-1); err != nil || last[0] == '\n' {
		return err
	}
	n, err := f.out.WriteString(f.options.Cut)
	if err != nil {
		f.out.Truncate(f.size)
		return err
	}
	f.size += int64(n)
	return nil
}

// append writes lines, behind what is to be said about missing ones. It returns those that are not
// there.
func (f *File) append(lines []byte) (rest []byte, err error) {
	all, note := lines, 0
	if f.lost > 0 {
		f.joined = f.options.Lost(f.joined[:0], f.lost)
		note = len(f.joined)
		f.joined = append(f.joined, lines...)
		all = f.joined
	}
	n, err := f.out.Write(all)
	if err == nil {
		f.size += int64(n)
		f.said()
		return nil, nil
	}
	whole := bytes.LastIndexByte(all[:n], '\n') + 1
	if f.regular && n > whole {
		f.out.Truncate(f.size + int64(whole)) // if that fails, it is marked when it is opened again
	}
	if whole >= note && note > 0 {
		f.said()
	}
	return lines[max(0, whole-note):], err
}

// said is for when the file says what is missing in it.
func (f *File) said() {
	if f.lost > 0 {
		f.options.Say(fmt.Sprintf("%s is written again, without %s", f.path, source.Count(f.lost, "record")))
		f.lost = 0
	}
}

// Close closes the file. It is opened again when something is written.
func (f *File) Close() {
	if f.out != nil && !f.given {
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
