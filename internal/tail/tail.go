// Package tail reads the ends of the hosts' logs, and what comes after them, across their rotation:
// <folder>/log, and older ones that are called log-<time>, plain or compressed with zstd.
package tail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

const (
	// MaxLines is how many lines of an end can be asked for, and MaxLogs how many logs are to be
	// followed at a time.
	MaxLines = 1_000_000
	MaxLogs  = 4096
	// maxLine is how many bytes of a line are read; what is behind them is another line.
	maxLine = 256 << 10
	// maxWindow is what unpacking a log may use, in bytes.
	maxWindow = 64 << 20

	current    = "log"
	older      = "log-"
	compressed = ".zst"
)

// Log is the log of one host.
type Log struct {
	dir  string
	file *os.File // nil if there is none yet
	at   int64    // where the next line begins
}

// New returns the log in a host's folder.
func New(dir string) *Log { return &Log{dir: dir} }

// Close closes it.
func (l *Log) Close() {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
}

// Last returns the last n lines, those of older logs before them if need be, without their newlines.
// More goes on behind them. A line without its newline is not whole yet.
func (l *Log) Last(n int) (lines []string, err error) {
	names, err := l.olderNames()
	if err != nil {
		return nil, err
	}
	if err := l.open(); err != nil {
		return nil, err
	}
	if l.file != nil {
		if lines, l.at, err = last(l.file, n); err != nil {
			return nil, err
		}
	}
	for i := len(names) - 1; i >= 0 && len(lines) < n; i-- {
		before, err := lastOf(filepath.Join(l.dir, names[i]), n-len(lines))
		if errors.Is(err, os.ErrNotExist) {
			continue // compressed or deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		lines = append(before, lines...)
	}
	return lines, nil
}

// open opens the current log, if there is one.
func (l *Log) open() error {
	file, err := os.Open(filepath.Join(l.dir, current))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		l.file, l.at = file, 0
	}
	return err
}

// olderNames returns the older logs, the oldest first.
func (l *Log) olderNames() (names []string, err error) {
	entries, err := os.ReadDir(l.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, older) && !strings.HasSuffix(name, ".part") && e.Type().IsRegular() {
			names = append(names, name)
		}
	}
	// One that is being compressed is there in both forms.
	slices.Sort(names)
	return slices.CompactFunc(names, func(a, b string) bool { return b+compressed == a }), err
}

func lastOf(path string, n int) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, compressed) {
		unpacked, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		defer unpacked.Close()
		in = unpacked
	}
	lines, _, err := last(in, n)
	return lines, err
}

// last returns the last n whole lines, and where the last one ends.
func last(in io.Reader, n int) (lines []string, end int64, err error) {
	ring := make([]string, 0, min(n, 1024))
	next := 0
	end, err = read(in, func(line string) error {
		switch {
		case n == 0:
		case len(ring) < n:
			ring = append(ring, line)
		default:
			ring[next] = line
			next = (next + 1) % n
		}
		return nil
	})
	return append(slices.Clone(ring[next:]), ring[:next]...), end, err
}

// read hands on whole lines, and returns how many bytes they are in all.
func read(in io.Reader, each func(line string) error) (size int64, err error) {
	r := bufio.NewReaderSize(in, maxLine)
	for {
		line, err := r.ReadSlice('\n')
		switch {
		case err == io.EOF:
			return size, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return size, err
		}
		size += int64(len(line))
		if err := each(string(bytes.TrimSuffix(line, []byte{'\n'}))); err != nil {
			return size, err
		}
	}
}

// More hands on the lines that were written since Last or the More before. When the log was rotated it
// goes on with the rest of the older one, and then with the new one from its start.
func (l *Log) More(each func(line string) error) error {
	for {
		if l.file == nil {
			if err := l.open(); err != nil || l.file == nil {
				return err
			}
		}
		// Whether it was rotated is to be known before the rest is read: nothing is added afterwards.
		rotated, err := l.rotated()
		if err != nil {
			return err
		}
		if err := l.rest(each); err != nil {
			return err
		}
		if !rotated {
			return nil
		}
		l.Close()
	}
}

// rotated says whether the file that is open is not the log any more.
func (l *Log) rotated() (bool, error) {
	now, err := os.Stat(filepath.Join(l.dir, current))
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	open, err := l.file.Stat()
	return err == nil && !os.SameFile(now, open), err
}

func (l *Log) rest(each func(line string) error) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < l.at {
		l.at = 0 // somebody has emptied it
	}
	if info.Size() == l.at {
		return nil
	}
	n, err := read(io.NewSectionReader(l.file, l.at, info.Size()-l.at), each)
	l.at += n
	return err
}
