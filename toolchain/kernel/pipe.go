package kernel

import "unsafe"

const (
	// PipeSize is what a pipe holds (pipe(7)).
	PipeSize = 64 << 10

	pipeAtomic = 4096 // PIPE_BUF: a write of that much is not split
	maxPipes   = 128
)

// pipe is a ring of PipeSize bytes.
type pipe struct {
	room       uintptr // 0: the pipe does not exist
	start, len uint32
	readers    bool
	writers    bool
}

func (p *pipe) bytes() []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p.room))), PipeSize)
}

// Pipe is pipe2(2). room is the address of PipeSize bytes; on failure they are the
// caller's again.
func (s *Files) Pipe(room uintptr, flags uint64) (r, w int, errno Errno) {
	if flags&^(O_CLOEXEC|O_NONBLOCK|0o40000) != 0 {
		return 0, 0, EINVAL
	}
	i := 0
	for i < maxPipes && s.pipes[i].room != 0 {
		i++
	}
	if i == maxPipes {
		return 0, 0, ENFILE
	}
	f := file{kind: PipeFile, pipe: uint32(i), flags: uint32(flags) & O_NONBLOCK}
	if r, errno = s.install(f, 0, flags); errno != 0 {
		return 0, 0, errno
	}
	f.writer, f.flags = true, f.flags|O_WRONLY
	if w, errno = s.install(f, 0, flags); errno != 0 {
		s.Close(uint64(r))
		return 0, 0, errno
	}
	s.pipes[i] = pipe{room: room, readers: true, writers: true}
	return r, w, 0
}

func (s *Files) readPipe(f *file, b []byte) (int, Errno) {
	p := &s.pipes[f.pipe%maxPipes]
	switch {
	case len(b) == 0:
		return 0, 0
	case p.len == 0 && p.writers:
		return 0, EAGAIN
	}
	n := 0
	for n < len(b) && p.len > 0 {
		from := p.start % PipeSize
		m := copy(b[n:], p.bytes()[from:min(from+p.len, PipeSize)])
		n += m
		p.start = (from + uint32(m)) % PipeSize
		p.len -= uint32(m)
	}
	s.notice(f.pipe)
	return n, 0
}

func (s *Files) writePipe(f *file, b []byte) (int, Errno) {
	p := &s.pipes[f.pipe%maxPipes]
	free := PipeSize - min(int(p.len), PipeSize)
	switch {
	case !p.readers:
		return 0, EPIPE
	case len(b) == 0:
		return 0, 0
	case free == 0, len(b) <= pipeAtomic && free < len(b):
		return 0, EAGAIN
	}
	n := 0
	for n < len(b) && p.len < PipeSize {
		from := (p.start + p.len) % PipeSize
		m := copy(p.bytes()[from:min(from+PipeSize-p.len, PipeSize)], b[n:])
		n += m
		p.len += uint32(m)
	}
	s.notice(f.pipe)
	return n, 0
}

// closePipe closes one end, and returns the pipe's memory with the second one.
func (s *Files) closePipe(f *file) (freed uintptr) {
	p := &s.pipes[f.pipe%maxPipes]
	if f.writer {
		p.writers = false
	} else {
		p.readers = false
	}
	s.notice(f.pipe)
	if !p.readers && !p.writers {
		freed = p.room
		*p = pipe{}
	}
	return freed
}
