package kernel

// from is the directory that a path is relative to.
func (s *Files) from(dirfd uint64, path []byte) (uint32, Errno) {
	switch {
	case len(path) > 0 && path[0] == '/':
		return 0, 0
	case int32(dirfd) == AtFDCWD:
		return s.cwd, 0
	}
	f := s.get(dirfd)
	switch {
	case f == nil:
		return 0, EBADF
	case f.kind != TreeFile || !s.tree.node(f.node).isDir():
		return 0, ENOTDIR
	}
	return f.node, 0
}

// Open is openat(2). What would change the tree is EROFS.
func (s *Files) Open(dirfd uint64, path []byte, flags uint64) (int, Errno) {
	dir, errno := s.from(dirfd, path)
	if errno != 0 {
		return 0, errno
	}
	i, missing, errno := s.tree.lookup(dir, path, flags&O_NOFOLLOW == 0 && flags&(O_CREAT|O_EXCL) != O_CREAT|O_EXCL)
	if errno != 0 {
		if missing && flags&O_CREAT != 0 {
			errno = EROFS
		}
		return 0, errno
	}
	n := s.tree.node(i)
	writes := flags&O_ACCMODE != 0 || flags&O_TRUNC != 0
	f := file{kind: TreeFile, node: i, flags: uint32(flags) &^ (O_CLOEXEC | O_CREAT | O_EXCL | O_TRUNC | O_NOFOLLOW)}
	switch {
	case flags&(O_CREAT|O_EXCL) == O_CREAT|O_EXCL:
		return 0, EEXIST
	case n.kind() == modeSymlink && flags&O_PATH == 0:
		return 0, ELOOP
	case flags&oTmpfile != 0:
		return 0, EROFS
	case flags&O_DIRECTORY != 0 && !n.isDir():
		return 0, ENOTDIR
	case flags&O_PATH != 0:
	case n.kind() == modeChar:
		f.kind = deviceKind(n.rdev)
	case n.isDir() && (writes || flags&O_CREAT != 0):
		return 0, EISDIR
	case writes:
		return 0, EROFS
	}
	fd, errno := s.install(f, 0, flags)
	if errno == 0 && f.kind == EventFile {
		s.frames = s.descriptors[fd].file
	}
	return fd, errno
}

// Flags of the calls with "at" in their name.
const (
	atSymlinkNofollow = 0x100
	atRemoveDir       = 0x200
	atEmptyPath       = 0x1000
)

// Stat is newfstatat(2).
func (s *Files) Stat(dirfd uint64, path []byte, flags uint64, b *[StatSize]byte) Errno {
	if len(path) == 0 && flags&atEmptyPath != 0 && int32(dirfd) != AtFDCWD {
		return s.Fstat(dirfd, b)
	}
	i, errno := s.find(dirfd, path, flags)
	if errno == 0 {
		s.tree.Stat(i, b)
	}
	return errno
}

// find is Lookup with what "at" calls add to it.
func (s *Files) find(dirfd uint64, path []byte, flags uint64) (uint32, Errno) {
	if len(path) == 0 && flags&atEmptyPath != 0 {
		if int32(dirfd) == AtFDCWD {
			return s.cwd, 0
		}
		f := s.get(dirfd)
		switch {
		case f == nil:
			return 0, EBADF
		case f.kind != TreeFile:
			return 0, EINVAL
		}
		return f.node, 0
	}
	dir, errno := s.from(dirfd, path)
	if errno != 0 {
		return 0, errno
	}
	return s.tree.Lookup(dir, path, flags&atSymlinkNofollow == 0)
}

// Fstat is fstat(2).
func (s *Files) Fstat(fd uint64, b *[StatSize]byte) Errno {
	f := s.get(fd)
	if f == nil {
		return EBADF
	}
	var st stat
	switch f.kind {
	case TreeFile, NullFile, ZeroFile, RandomFile:
		s.tree.Stat(f.node, b)
		return 0
	case ConsoleFile:
		st = stat{dev: devTree, ino: maxNodes, mode: modeChar | 0o620, rdev: deviceConsole}
	case PipeFile:
		st = stat{dev: devPipe, ino: uint64(f.pipe) + 1, mode: modePipe | 0o600}
	default:
		st = stat{dev: devPipe, ino: maxNodes, mode: 0o600}
	}
	st.nlink, st.blksize = 1, 4096
	*b = st.bytes()
	return 0
}

// Access is faccessat2(2).
func (s *Files) Access(dirfd uint64, path []byte, mode, flags uint64) Errno {
	i, errno := s.find(dirfd, path, flags)
	if errno != 0 {
		return errno
	}
	return s.tree.Access(i, mode)
}

// Readlink is readlinkat(2).
func (s *Files) Readlink(dirfd uint64, path []byte, b []byte) (int, Errno) {
	i, errno := s.find(dirfd, path, atSymlinkNofollow|atEmptyPath)
	if errno != 0 {
		return 0, errno
	}
	return s.tree.Readlink(i, b)
}

// Chdir is chdir(2).
func (s *Files) Chdir(path []byte) Errno {
	i, errno := s.tree.Lookup(s.cwd, path, true)
	if errno == 0 && !s.tree.node(i).isDir() {
		errno = ENOTDIR
	}
	if errno == 0 {
		s.cwd = i
	}
	return errno
}

// Fchdir is fchdir(2).
func (s *Files) Fchdir(fd uint64) Errno {
	f := s.get(fd)
	switch {
	case f == nil:
		return EBADF
	case f.kind != TreeFile || !s.tree.node(f.node).isDir():
		return ENOTDIR
	}
	s.cwd = f.node
	return 0
}

// Getcwd is getcwd(2).
func (s *Files) Getcwd(b []byte) (int, Errno) { return s.tree.Path(s.cwd, b) }

// Change is the error of a call that would change the file at path: it says why
// that cannot be, as Linux does on a file system mounted read-only. creates: the
// call wants that there is none yet.
func (s *Files) Change(dirfd uint64, path []byte, flags uint64, creates bool) Errno {
	dir, errno := s.from(dirfd, path)
	if errno != 0 {
		return errno
	}
	_, missing, errno := s.tree.lookup(dir, path, !creates && flags&atSymlinkNofollow == 0)
	switch {
	case errno == 0 && creates:
		return EEXIST
	case errno != 0 && !(missing && creates):
		return errno
	}
	return EROFS
}
