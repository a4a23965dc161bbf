package kernel

// Read is read(2) of anything but a random device, which the kernel answers. A
// pipe that is empty gives EAGAIN.
func (s *Files) Read(fd uint64, b []byte) (int, Errno) {
	f := s.get(fd)
	if f == nil || f.flags&O_PATH != 0 || f.flags&O_ACCMODE == O_WRONLY {
		return 0, EBADF
	}
	switch f.kind {
	case TreeFile:
		n, errno := s.readAt(f, b, f.pos)
		f.pos += int64(n)
		return n, errno
	case ConsoleFile, NullFile:
		return 0, 0
	case ZeroFile:
		clear(b)
		return len(b), 0
	case PipeFile:
		return s.readPipe(f, b)
	case EventFile:
		return s.readEvent(f, b)
	}
	return 0, EINVAL
}

func (s *Files) readAt(f *file, b []byte, pos int64) (int, Errno) {
	n := s.tree.node(f.node)
	switch {
	case n.isDir():
		return 0, EISDIR
	case n.kind() != modeRegular || pos < 0:
		return 0, EINVAL
	case pos >= int64(n.size):
		return 0, 0
	}
	return copy(b, s.tree.contents(n)[pos:]), 0
}

// ReadAt is pread64(2).
func (s *Files) ReadAt(fd uint64, b []byte, pos int64) (int, Errno) {
	f := s.get(fd)
	switch {
	case f == nil || f.flags&(O_PATH) != 0 || f.flags&O_ACCMODE == O_WRONLY:
		return 0, EBADF
	case pos < 0:
		return 0, EINVAL
	case f.kind == TreeFile:
		return s.readAt(f, b, pos)
	case f.kind == NullFile, f.kind == ZeroFile:
		return s.Read(fd, b)
	}
	return 0, ESPIPE
}

// Write is write(2) of anything but the console, which the kernel answers. A pipe
// without room gives EAGAIN.
func (s *Files) Write(fd uint64, b []byte) (int, Errno) {
	f := s.get(fd)
	if f == nil || f.flags&O_PATH != 0 || f.flags&O_ACCMODE == 0 {
		return 0, EBADF
	}
	switch f.kind {
	case NullFile, ZeroFile, RandomFile:
		return len(b), 0
	case PipeFile:
		return s.writePipe(f, b)
	case EventFile:
		return s.writeEvent(f, b)
	}
	return 0, EINVAL
}

// WriteAt is the error of pwrite64(2), ftruncate(2) and fallocate(2): nothing that
// has a position can be written.
func (s *Files) WriteAt(fd uint64) Errno {
	f := s.get(fd)
	switch {
	case f == nil || f.flags&O_PATH != 0:
		return EBADF
	case f.kind == TreeFile:
		return EINVAL // it is not open for writing
	}
	return ESPIPE
}

// ChangeOpen is the error of a call that would change an open file.
func (s *Files) ChangeOpen(fd uint64) Errno {
	switch f := s.get(fd); {
	case f == nil:
		return EBADF
	case f.kind == TreeFile:
		return EROFS
	}
	return EPERM
}

// Sync is fsync(2), and flock(2): nobody else has the file.
func (s *Files) Sync(fd uint64) Errno {
	switch f := s.get(fd); {
	case f == nil:
		return EBADF
	case f.kind == TreeFile:
		return 0
	}
	return EINVAL
}

// Ioctl is ioctl(2): nothing here knows any.
func (s *Files) Ioctl(fd uint64) Errno {
	if s.get(fd) == nil {
		return EBADF
	}
	return ENOTTY
}

// Lseek is lseek(2).
func (s *Files) Lseek(fd uint64, offset int64, whence uint64) (int64, Errno) {
	f := s.get(fd)
	switch {
	case f == nil || f.flags&O_PATH != 0:
		return 0, EBADF
	case f.kind == NullFile || f.kind == ZeroFile:
		return 0, 0
	case f.kind != TreeFile:
		return 0, ESPIPE
	}
	const start, current, end, data, hole = 0, 1, 2, 3, 4
	size := int64(s.tree.node(f.node).size)
	base := int64(0)
	switch whence {
	case start:
	case current:
		base = f.pos
	case end:
		base = size
	case data, hole:
		switch {
		case offset < 0 || offset >= size:
			return 0, ENXIO
		case whence == hole:
			offset = size
		}
	default:
		return 0, EINVAL
	}
	pos := base + offset
	if pos < 0 || offset > 0 && pos < base {
		return 0, EINVAL
	}
	f.pos = pos
	return pos, 0
}

// ReadDir is getdents64(2).
func (s *Files) ReadDir(fd uint64, b []byte) (int, Errno) {
	f := s.get(fd)
	switch {
	case f == nil || f.flags&O_PATH != 0:
		return 0, EBADF
	case f.kind != TreeFile:
		return 0, ENOTDIR
	}
	return s.tree.ReadDir(f.node, &f.pos, b)
}
