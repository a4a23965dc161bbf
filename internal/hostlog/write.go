package hostlog

import (
	"io"
	"os"
	"slices"
	"time"
)

// maxFree is how many empty buffers are kept, and maxKept how large in bytes.
const (
	maxFree = 64
	maxKept = 2 * bufferSize
)

// Flush writes what is buffered.
func (s *Logs) Flush() {
	for _, l := range s.dirty {
		s.write(l)
		s.giveBack(l)
	}
	clear(s.dirty)
	s.dirty = s.dirty[:0]
}

// Reopen closes all files, so that those moved away meanwhile begin anew.
func (s *Logs) Reopen() {
	s.Flush()
	for _, l := range s.open {
		l.file.Close()
	}
	s.open = s.open[:0]
}

// Close writes what is buffered, closes all files and ends the goroutine. The compression of a file is
// broken off; the next run does it.
func (s *Logs) Close() {
	s.Reopen()
	for _, l := range s.paths {
		if l.file.Pending() {
			l.file.Write(nil)
			l.file.Close()
		}
	}
	s.keeper.close()
}

// write writes a log's buffer, to the next file if this one is large or old enough.
func (s *Logs) write(l *log) {
	if len(l.buf) == 0 {
		return
	}
	s.clock++
	l.used = s.clock
	if !l.file.IsOpen() {
		s.makeRoom()
		s.open = append(s.open, l)
		l.begun = time.Time{}
	}
	if err := l.file.Open(); err == nil && s.due(l) {
		s.rotate(l)
	}
	l.file.Write(l.buf)
	if !l.file.IsOpen() {
		s.open = slices.DeleteFunc(s.open, func(other *log) bool { return other == l })
	}
	s.size -= len(l.buf)
	l.buf = l.buf[:0]
}

// giveBack keeps a log's empty buffer for another one.
func (s *Logs) giveBack(l *log) {
	if len(s.free) < maxFree && cap(l.buf) <= maxKept {
		s.free = append(s.free, l.buf)
	}
	l.buf = nil
}

// makeRoom closes the file that was not used for longest if there are too many.
func (s *Logs) makeRoom() {
	if len(s.open) < s.maxOpen {
		return
	}
	idlest := 0
	for i, l := range s.open {
		if l.used < s.open[idlest].used {
			idlest = i
		}
	}
	s.open[idlest].file.Close()
	s.open = slices.Delete(s.open, idlest, idlest+1)
}

// due says whether an open log that is to be written is large or old enough to be an older one.
func (s *Logs) due(l *log) bool {
	size := l.file.Size()
	switch {
	case size == 0:
		l.begun = s.now()
		return false
	case !l.notBefore.IsZero() && s.now().Before(l.notBefore):
		return false
	case s.full(l, size+int64(len(l.buf))):
		return true
	case s.options.RotateAge <= 0:
		return false
	case l.begun.IsZero():
		l.begun = begun(l.file.Path(), s.now())
	}
	return s.now().Sub(l.begun) >= s.options.RotateAge
}

// leastShare is the size in bytes at which no log is rotated yet, however many share the room.
const leastShare = 2 * bufferSize

// full says whether a size is too large for a log.
func (s *Logs) full(l *log, size int64) bool {
	limit := s.options.RotateSize
	if l.shared && s.options.SharedSize > 0 {
		if share := max(s.options.SharedSize/2/s.sharing, leastShare); limit == 0 || share < limit {
			limit = share
		}
	}
	return limit > 0 && size > limit
}

// begun is when the first record of a log was received, or failing that when the log was written.
func begun(path string, otherwise time.Time) time.Time {
	in, err := os.Open(path)
	if err != nil {
		return otherwise
	}
	defer in.Close()
	const layout = "2006-01-02T15:04:05.000000Z"
	var first [len(layout)]byte
	if _, err := io.ReadFull(in, first[:]); err == nil {
		if at, err := time.Parse(layout, string(first[:])); err == nil {
			return at
		}
	}
	if info, err := in.Stat(); err == nil {
		return info.ModTime()
	}
	return otherwise
}
