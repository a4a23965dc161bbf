package store

import (
	"errors"
	"io"
	"os"
)

// output is a file that is appended to, never by half a piece. It is open only while it is written:
// reports are rare, and may be many at a time.
type output struct {
	path    string
	limit   int64
	size    int64 // written
	buf     []byte
	pieces  uint64 // in buf
	lost    uint64 // pieces that could not be written
	over    uint64 // pieces beyond the limit, or the room
	room    *room  // nil: it needs none
	charged int64  // what is counted there since the whole folder was
	problem error  // why the last write failed
}

// bufferSize is how many bytes wait before they are written unasked.
const bufferSize = 64 << 10

func openAppend(path string) (io.WriteCloser, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, fileMode)
}

// append takes a piece.
func (s *Store) append(o *output, piece []byte) {
	if o.size+int64(len(o.buf)+len(piece)) > o.limit || o.room != nil && o.room.full(true) {
		o.over++
		return
	}
	o.buf = append(o.buf, piece...)
	o.pieces++
	if len(o.buf) >= bufferSize {
		s.write(o)
	}
}

// write writes what waits. What cannot be written is given up, for it would grow without end.
func (s *Store) write(o *output) {
	if len(o.buf) == 0 {
		return
	}
	err := o.write(s.open)
	if o.problem = err; err != nil {
		o.lost += o.pieces
	} else {
		o.size += int64(len(o.buf))
		if o.room != nil {
			o.charged += int64(len(o.buf))
			o.room.used.Add(int64(len(o.buf)))
		}
	}
	o.buf, o.pieces = o.buf[:0], 0
	if cap(o.buf) > 2*bufferSize {
		o.buf = nil
	}
}

func (o *output) write(open func(string) (io.WriteCloser, error)) error {
	out, err := open(o.path)
	if err != nil {
		return err
	}
	_, err = out.Write(o.buf)
	if err = errors.Join(err, out.Close()); err != nil {
		// It may have ended within a piece.
		return errors.Join(err, os.Truncate(o.path, o.size))
	}
	return nil
}

// reason is an error without the path that the message names already.
func reason(err error) error {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err
	}
	if linkError, ok := errors.AsType[*os.LinkError](err); ok {
		return linkError.Err
	}
	return err
}

// put puts a file in place whole.
func (s *Store) put(path string, text []byte) error {
	os.Remove(path + ".new") // of one that was killed
	out, err := s.open(path + ".new")
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		os.Remove(path + ".new")
	}
	return err
}
