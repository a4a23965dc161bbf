package kernel

// MaxFiles is how many descriptors there are.
const MaxFiles = 1024

// FileKind is what a descriptor leads to.
type FileKind uint8

const (
	TreeFile    FileKind = iota + 1 // a file or directory of the tree
	ConsoleFile                     // standard input, output and error
	NullFile
	ZeroFile
	RandomFile
	PipeFile
	EventFile
	EpollFile
)

// Flags of open(2) and fcntl(2) (include/uapi/asm-generic/fcntl.h).
const (
	O_WRONLY   = 0o1
	O_RDWR     = 0o2
	O_ACCMODE  = 0o3
	O_CREAT    = 0o100
	O_EXCL     = 0o200
	O_TRUNC    = 0o1000
	O_NONBLOCK = 0o4000
	O_CLOEXEC  = 0o2000000
	O_PATH     = 0o10000000
	oTmpfile   = 0o20000000

	AtFDCWD = -100
)

// file is an open file description: several descriptors may lead to it.
type file struct {
	kind       FileKind
	refs       uint32 // descriptors
	flags      uint32
	node       uint32 // TreeFile, and devices
	pos        int64
	pipe       uint32 // index of the pipe
	count      uint64 // EventFile
	writer     bool   // the pipe's end
	registered watch
}

// A descriptor is the number of a file+1, and whether it closes on exec.
type descriptor struct {
	file    uint16
	cloexec bool
}

// Files is the files that the program has open. Nothing in it is a pointer but
// the tree.
type Files struct {
	tree        Tree
	cwd         uint32
	descriptors [MaxFiles]descriptor
	files       [MaxFiles]file
	pipes       [maxPipes]pipe
	watched     [maxWatched]uint16 // files that an epoll file watches
	watching    int
	changed     bool
	frames      uint16 // file number+1 of /dev/frames as it was opened last; 0: it is not open
}

// Start opens descriptors 0 to 2.
func (s *Files) Start() {
	for range 3 {
		s.install(file{kind: ConsoleFile, flags: O_RDWR}, 0, 0)
	}
}

// Tree is the file tree.
func (s *Files) Tree() *Tree { return &s.tree }

// install makes the lowest free descriptor from least on lead to a new file.
func (s *Files) install(f file, least uint64, flags uint64) (int, Errno) {
	for i := range s.files {
		if s.files[i].kind == 0 {
			fd, errno := s.assign(uint16(i), least, flags&O_CLOEXEC != 0)
			if errno == 0 {
				s.files[i] = f
				s.files[i].refs = 1
			}
			return fd, errno
		}
	}
	return 0, ENFILE
}

func (s *Files) assign(i uint16, least uint64, cloexec bool) (int, Errno) {
	for fd := least; fd < MaxFiles; fd++ {
		if s.descriptors[fd].file == 0 {
			s.descriptors[fd] = descriptor{file: i + 1, cloexec: cloexec}
			return int(fd), 0
		}
	}
	return 0, EMFILE
}

// get returns the file of a descriptor, nil if it is not open.
func (s *Files) get(fd uint64) *file {
	if fd >= MaxFiles || s.descriptors[fd].file == 0 {
		return nil
	}
	return &s.files[(s.descriptors[fd].file-1)%MaxFiles]
}

// Kind is what fd leads to, 0 if it is not open.
func (s *Files) Kind(fd uint64) FileKind {
	if f := s.get(fd); f != nil {
		return f.kind
	}
	return 0
}

// Close closes fd. The second result is the memory of a pipe that nobody has open
// any more, 0 if there is none.
func (s *Files) Close(fd uint64) (Errno, uintptr) {
	f := s.get(fd)
	if f == nil {
		return EBADF, 0
	}
	i := s.descriptors[fd].file - 1
	s.descriptors[fd] = descriptor{}
	f.refs--
	if f.refs > 0 {
		return 0, 0
	}
	s.unwatch(i)
	freed := uintptr(0)
	switch f.kind {
	case PipeFile:
		freed = s.closePipe(f)
	case EpollFile:
		s.unwatchAll(i)
	}
	if s.frames == i+1 {
		s.frames = 0
	}
	s.files[i] = file{}
	return 0, freed
}

// Dup makes another descriptor for the file of fd, the lowest free one from least on.
func (s *Files) Dup(fd, least uint64, cloexec bool) (int, Errno) {
	f := s.get(fd)
	switch {
	case f == nil:
		return 0, EBADF
	case least >= MaxFiles:
		return 0, EINVAL
	}
	n, errno := s.assign(s.descriptors[fd].file-1, least, cloexec)
	if errno == 0 {
		f.refs++
	}
	return n, errno
}

// DupTo makes descriptor to lead where fd does, and closes what it led to before;
// the last result is Close's.
func (s *Files) DupTo(fd, to uint64, cloexec bool) (int, Errno, uintptr) {
	f := s.get(fd)
	if f == nil || to >= MaxFiles {
		return 0, EBADF, 0
	}
	if fd == to {
		return int(to), 0, 0
	}
	_, freed := s.Close(to)
	s.descriptors[to] = descriptor{file: s.descriptors[fd].file, cloexec: cloexec}
	f.refs++
	return int(to), 0, freed
}

// Commands of fcntl(2).
const (
	fDupFD        = 0
	fGetFD        = 1
	fSetFD        = 2
	fGetFL        = 3
	fSetFL        = 4
	fGetLk        = 5
	fSetLk        = 6
	fSetLkW       = 7
	fDupFDCloexec = 1030
	fGetPipeSize  = 1032
)

// Fcntl is fcntl(2).
func (s *Files) Fcntl(fd, command, arg uint64) (int, Errno) {
	f := s.get(fd)
	if f == nil {
		return 0, EBADF
	}
	d := &s.descriptors[fd]
	switch command {
	case fDupFD, fDupFDCloexec:
		return s.Dup(fd, arg, command == fDupFDCloexec)
	case fGetFD:
		if d.cloexec {
			return 1, 0
		}
		return 0, 0
	case fSetFD:
		d.cloexec = arg&1 != 0
		return 0, 0
	case fGetFL:
		return int(f.flags), 0
	case fSetFL:
		f.flags = f.flags&^O_NONBLOCK | uint32(arg)&O_NONBLOCK
		return 0, 0
	case fSetLk, fSetLkW: // nobody else could hold one
		return 0, 0
	case fGetPipeSize:
		if f.kind == PipeFile {
			return PipeSize, 0
		}
		return 0, EBADF
	}
	return 0, EINVAL
}

// Blocks tells whether a call on fd that gave EAGAIN is to wait.
func (s *Files) Blocks(fd uint64) bool {
	f := s.get(fd)
	return f != nil && f.flags&O_NONBLOCK == 0
}
