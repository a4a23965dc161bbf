package kernel

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"
)

func tree(t *testing.T) *Files {
	return files(t, archive(regular("d/f", "0123456789"), symlink("l", "d"), item{name: "run", mode: modeRegular | 0o755}, end))
}

func (s *Files) open(t *testing.T, path string, flags uint64) uint64 {
	t.Helper()
	fd, errno := s.Open(atCWD, []byte(path), flags)
	if errno != 0 {
		t.Fatalf("opening %s: %s", path, errno.name())
	}
	return uint64(fd)
}

func TestOpenFailsAsOnReadOnlyFileSystem(t *testing.T) {
	s := tree(t)
	for _, tt := range []struct {
		path  string
		flags uint64
		want  Errno
	}{
		{"/d/f", O_WRONLY, EROFS},
		{"/d/f", O_RDWR, EROFS},
		{"/d/f", O_TRUNC, EROFS},
		{"/d/f", O_CREAT, 0},
		{"/d/f", O_CREAT | O_EXCL, EEXIST},
		{"/d/f", O_DIRECTORY, ENOTDIR},
		{"/new", O_CREAT | O_WRONLY, EROFS},
		{"/new", O_WRONLY, ENOENT},
		{"/no/new", O_CREAT | O_WRONLY, ENOENT},
		{"/d", O_WRONLY, EISDIR},
		{"/d", oTmpfile | O_DIRECTORY | O_RDWR, EROFS},
		{"/l", O_NOFOLLOW, ELOOP},
		{"/l", O_NOFOLLOW | O_PATH, 0},
		{"/l", O_DIRECTORY, 0},
		{"/l/f", O_NOFOLLOW, 0},
		{"/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0},
		{"/d/f/", 0, ENOTDIR},
	} {
		if _, errno := s.Open(atCWD, []byte(tt.path), tt.flags); errno != tt.want {
			t.Errorf("opening %s with %#o: %s, want %s", tt.path, tt.flags, errno.name(), tt.want.name())
		}
	}
}

func TestChangesAreRefused(t *testing.T) {
	s := tree(t)
	for _, tt := range []struct {
		path    string
		creates bool
		want    Errno
	}{
		{"/d", true, EEXIST}, {"/new", true, EROFS}, {"/new/", true, EROFS}, {"/no/new", true, ENOENT}, {"/d/f/x", true, ENOTDIR},
		{"/d/f", false, EROFS}, {"/none", false, ENOENT}, {"", false, ENOENT},
	} {
		if errno := s.Change(atCWD, []byte(tt.path), 0, tt.creates); errno != tt.want {
			t.Errorf("changing %q (creates: %v): %s, want %s", tt.path, tt.creates, errno.name(), tt.want.name())
		}
	}
}

func TestDescriptorsAreTheLowestFree(t *testing.T) {
	s := tree(t)
	a, b := s.open(t, "/d/f", 0), s.open(t, "/d/f", 0)
	if a != 3 || b != 4 {
		t.Errorf("the first two are %d and %d, want 3 and 4", a, b)
	}
	s.Close(3)
	if c := s.open(t, "/d", O_CLOEXEC); c != 3 {
		t.Errorf("after closing 3 the next one is %d", c)
	}
	if fd, errno := s.Fcntl(4, fDupFDCloexec, 100); fd != 100 || errno != 0 {
		t.Errorf("F_DUPFD from 100 on gives %d, %s", fd, errno.name())
	}
	if _, errno := s.Fcntl(4, fDupFD, MaxFiles); errno != EINVAL {
		t.Errorf("F_DUPFD beyond the table: %s", errno.name())
	}
	if v, _ := s.Fcntl(100, fGetFD, 0); v != 1 {
		t.Error("F_DUPFD_CLOEXEC does not close on exec")
	}
	if errno, _ := s.Close(99); errno != EBADF {
		t.Errorf("closing what is not open: %s", errno.name())
	}
	for fd := range uint64(MaxFiles) {
		s.Close(fd)
	}
	for i := range MaxFiles {
		if fd := s.open(t, "/dev/null", 0); fd != uint64(i) {
			t.Fatalf("descriptor %d is %d", i, fd)
		}
	}
	if _, errno := s.Open(atCWD, []byte("/d"), 0); errno != ENFILE {
		t.Errorf("with all in use: %s", errno.name())
	}
}

func TestDuplicatesShareThePosition(t *testing.T) {
	s := tree(t)
	a := s.open(t, "/d/f", 0)
	n, _ := s.Dup(a, 0, false)
	b := make([]byte, 4)
	s.Read(a, b)
	s.Close(a)
	if n, errno := s.Read(uint64(n), b); string(b[:n]) != "4567" || errno != 0 {
		t.Errorf("behind 4 bytes the duplicate reads %q, %s", b[:n], errno.name())
	}
	if fd, errno, _ := s.DupTo(uint64(n), 0, false); fd != 0 || errno != 0 || s.Kind(0) != TreeFile {
		t.Errorf("dup2 to 0 gives %d, %s", fd, errno.name())
	}
	if pos, errno := s.Lseek(0, -1, 2); pos != 9 || errno != 0 {
		t.Errorf("one before the end is at %d, %s", pos, errno.name())
	}
	if m, errno := s.ReadAt(uint64(n), b, 8); string(b[:m]) != "89" || errno != 0 {
		t.Errorf("pread at 8 gives %q, %s", b[:m], errno.name())
	}
	for _, tt := range []struct {
		offset int64
		whence uint64
		want   Errno
	}{{-1, 0, EINVAL}, {1 << 62, 0, 0}, {1<<63 - 1, 1, EINVAL}, {0, 9, EINVAL}, {3, 3, 0}, {10, 3, ENXIO}} {
		if _, errno := s.Lseek(0, tt.offset, tt.whence); errno != tt.want {
			t.Errorf("lseek %d from %d: %s, want %s", tt.offset, tt.whence, errno.name(), tt.want.name())
		}
	}
	s.Lseek(0, 1<<62, 0)
	if n, errno := s.Read(0, b); n != 0 || errno != 0 {
		t.Errorf("behind the end there are %d bytes", n)
	}
}

func TestWorkingDirectory(t *testing.T) {
	s := tree(t)
	where := func() string {
		b := make([]byte, 100)
		n, errno := s.Getcwd(b)
		return errno.name() + " " + string(b[:max(n-1, 0)])
	}
	if errno := s.Chdir([]byte("l")); errno != 0 || where() != "ok /d" || s.read("f") != "0123456789" || s.read("../run") != "" {
		t.Errorf("in l it is %s, %s", where(), errno.name())
	}
	root := s.open(t, "/", O_DIRECTORY)
	if errno := s.Fchdir(root); errno != 0 || where() != "ok /" {
		t.Errorf("fchdir to / gives %s, %s", where(), errno.name())
	}
	f := s.open(t, "d/f", 0)
	if s.Chdir([]byte("d/f")) != ENOTDIR || s.Fchdir(f) != ENOTDIR || s.Chdir([]byte("x")) != ENOENT || s.Fchdir(1) != ENOTDIR {
		t.Error("one can change to what is no directory")
	}
	if _, errno := s.Open(f, []byte("x"), 0); errno != ENOTDIR {
		t.Errorf("a path relative to a file: %s", errno.name())
	}
	if _, errno := s.Getcwd(make([]byte, 1)); errno != ERANGE {
		t.Errorf("getcwd into one byte: %s", errno.name())
	}
}

func TestAccess(t *testing.T) {
	s := tree(t)
	for _, tt := range []struct {
		path string
		mode uint64
		want Errno
	}{{"/d/f", 4, 0}, {"/d/f", 1, EACCES}, {"/run", 1, 0}, {"/d", 1, 0}, {"/d/f", 2, EROFS}, {"/dev/null", 6, 0}, {"/x", 0, ENOENT}, {"/d", 8, EINVAL}} {
		if errno := s.Access(atCWD, []byte(tt.path), tt.mode, 0); errno != tt.want {
			t.Errorf("access %s for %d: %s, want %s", tt.path, tt.mode, errno.name(), tt.want.name())
		}
	}
}

func TestHardLinksAreTheSameFile(t *testing.T) {
	s := files(t, archive(hardLink("a", "", 1), hardLink("b", "x", 1), regular("c", "x"), end))
	inode := func(path string) (uint64, uint64) {
		var b [StatSize]byte
		if errno := s.Stat(atCWD, []byte(path), 0, &b); errno != 0 {
			t.Fatal(path, errno.name())
		}
		st := (*stat)(unsafe.Pointer(&b))
		return st.ino, uint64(st.nlink)
	}
	a, n := inode("/a")
	b, _ := inode("/b")
	c, _ := inode("/c")
	if a != b || a == c || n != 2 {
		t.Errorf("the inodes are %d, %d and %d, with %d links", a, b, c, n)
	}
}

// pipeOf opens one.
func pipeOf(t *testing.T, s *Files, flags uint64) (r, w uint64, room *[PipeSize]byte) {
	t.Helper()
	room = new([PipeSize]byte)
	a, b, errno := s.Pipe(uintptr(unsafe.Pointer(room)), flags)
	if errno != 0 {
		t.Fatal(errno.name())
	}
	return uint64(a), uint64(b), room
}

func TestPipe(t *testing.T) {
	s := tree(t)
	r, w, room := pipeOf(t, s, 0)
	b := make([]byte, PipeSize+100)
	if _, errno := s.Read(r, b); errno != EAGAIN || !s.Blocks(r) {
		t.Errorf("reading an empty pipe: %s", errno.name())
	}
	if _, errno := s.Read(w, b); errno != EBADF {
		t.Errorf("reading the wrong end: %s", errno.name())
	}
	var in, out []byte
	for i := range 200 { // around the end of the ring many times
		text := bytes.Repeat([]byte{byte(i)}, 1000*(i%70)+1)
		n, errno := s.Write(w, text)
		if errno != 0 && errno != EAGAIN {
			t.Fatal(errno.name())
		}
		in = append(in, text[:n]...)
		m, _ := s.Read(r, b[:700*(i%90)+1])
		out = append(out, b[:m]...)
	}
	if n, errno := s.Write(w, b); errno == 0 && n == len(b) {
		t.Error("a pipe takes more than it holds")
	} else {
		in = append(in, b[:n]...)
	}
	errno, freed := s.Close(w)
	if errno != 0 || freed != 0 {
		t.Errorf("closing one end gives %s, %d", errno.name(), freed)
	}
	for {
		n, errno := s.Read(r, b)
		if errno != 0 {
			t.Fatal(errno.name())
		}
		if n == 0 {
			break
		}
		out = append(out, b[:n]...)
	}
	if !bytes.Equal(in, out) {
		t.Errorf("%d bytes went in, %d others came out", len(in), len(out))
	}
	if _, freed := s.Close(r); freed != uintptr(unsafe.Pointer(room)) {
		t.Error("closing the other end does not give the memory back")
	}
}

func TestSmallWritesAreNotSplit(t *testing.T) {
	s := tree(t)
	_, w, _ := pipeOf(t, s, 0)
	s.Write(w, make([]byte, PipeSize-10))
	if n, errno := s.Write(w, make([]byte, 11)); errno != EAGAIN {
		t.Errorf("11 bytes into room for 10: %d, %s", n, errno.name())
	}
	if n, _ := s.Write(w, make([]byte, pipeAtomic+1)); n != 10 {
		t.Errorf("of %d bytes into room for 10, %d are taken", pipeAtomic+1, n)
	}
}

func TestPipeWithoutReader(t *testing.T) {
	s := tree(t)
	r, w, _ := pipeOf(t, s, O_NONBLOCK|O_CLOEXEC)
	if s.Blocks(r) || s.Blocks(w) {
		t.Error("O_NONBLOCK blocks")
	}
	again, _ := s.Dup(r, 0, false)
	s.Close(r)
	if _, errno := s.Write(w, []byte("x")); errno != 0 {
		t.Errorf("while a duplicate can be read: %s", errno.name())
	}
	s.Close(uint64(again))
	if _, errno := s.Write(w, []byte("x")); errno != EPIPE {
		t.Errorf("while nobody reads: %s", errno.name())
	}
}

func TestPipesAreBounded(t *testing.T) {
	s := tree(t)
	room := new([PipeSize]byte)
	for i := range maxPipes + 1 {
		_, _, errno := s.Pipe(uintptr(unsafe.Pointer(room)), 0)
		if want := i < maxPipes; (errno == 0) != want {
			t.Fatalf("pipe %d: %s", i, errno.name())
		}
	}
}

// events is what epfd tells, as "data:events".
func (s *Files) events(epfd int) string {
	var e [8]Event
	n, errno := s.EpollReady(uint64(epfd), e[:])
	if errno != 0 {
		return errno.name()
	}
	var all []string
	for _, v := range e[:n] {
		text := string(rune(v.Data[0])) + ":"
		for bit, name := range map[uint32]string{epollIn: "i", epollOut: "o", epollErr: "e", epollHup: "h"} {
			if v.Events&bit != 0 {
				text += name
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func TestPollerSeesEdges(t *testing.T) {
	const want = epollIn | epollOut | epollRdHup | epollEdge
	s := tree(t)
	ep, _ := s.Epoll(O_CLOEXEC)
	r, w, _ := pipeOf(t, s, O_NONBLOCK)
	s.EpollCtl(uint64(ep), epollAdd, r, Event{Events: want, Data: [2]uint32{'r'}})
	s.EpollCtl(uint64(ep), epollAdd, w, Event{Events: want, Data: [2]uint32{'w'}})
	b := make([]byte, PipeSize)
	expect := func(when, want string) {
		t.Helper()
		if got := s.events(ep); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	expect("at first", "w:o")
	expect("without a change", "")
	s.Write(w, []byte("x"))
	expect("after a write", "r:i w:o")
	expect("without another", "")
	s.Write(w, b)
	expect("when it is full", "r:i")
	s.Read(r, b)
	expect("when it is empty", "w:o")
	s.Close(w)
	expect("without a writer", "r:h")
	s.Close(r)
	expect("when it is gone", "")
	if s.watching != 0 {
		t.Errorf("%d files are watched", s.watching)
	}
}

func TestFramesFileIsReadyWhenTheBoardSignals(t *testing.T) {
	s := tree(t)
	s.Signal() // nobody listens
	fd, errno := s.Open(0, []byte("/dev/frames"), 0)
	if errno != 0 {
		t.Fatal(errno.name())
	}
	ep, _ := s.Epoll(0)
	const edge = epollIn | epollEdge
	if errno := s.EpollCtl(uint64(ep), epollAdd, uint64(fd), Event{Events: edge, Data: [2]uint32{'f'}}); errno != 0 {
		t.Fatal(errno.name())
	}
	b := make([]byte, 8)
	if _, errno := s.Read(uint64(fd), b); errno != EAGAIN {
		t.Errorf("reading before a signal: %s", errno.name())
	}
	s.Changed()
	for range 2 {
		s.Signal()
		if !s.Changed() {
			t.Error("a signal changes nothing for those who wait")
		}
		if got := s.events(ep); got != "f:i" {
			t.Errorf("after a signal: %q", got)
		}
		if got := s.events(ep); got != "" {
			t.Errorf("told twice: %q", got)
		}
	}
	if n, errno := s.Read(uint64(fd), b); n != 8 || b[0] != 2 || errno != 0 {
		t.Errorf("read %d bytes %v, %s", n, b, errno.name())
	}
	s.Close(uint64(fd))
	s.Changed()
	if s.Signal(); s.Changed() {
		t.Error("a signal to a file that was closed")
	}
}

func TestEventFileIsReadyUntilItIsRead(t *testing.T) {
	s := tree(t)
	ep, _ := s.Epoll(0)
	ev, _ := s.Event(0, O_NONBLOCK)
	s.EpollCtl(uint64(ep), epollAdd, uint64(ev), Event{Events: epollIn, Data: [2]uint32{'e'}})
	one := []byte{1, 0, 0, 0, 0, 0, 0, 0}
	for step, want := range []string{"", "e:i", "e:i", ""} {
		switch step {
		case 1:
			s.Write(uint64(ev), one)
			s.Write(uint64(ev), one)
		case 3:
			b := make([]byte, 8)
			if n, errno := s.Read(uint64(ev), b); n != 8 || b[0] != 2 || errno != 0 {
				t.Errorf("the event file holds %v, %s", b, errno.name())
			}
		}
		if got := s.events(ep); got != want {
			t.Errorf("step %d: %q, want %q", step, got, want)
		}
	}
	if _, errno := s.Read(uint64(ev), make([]byte, 8)); errno != EAGAIN {
		t.Errorf("reading it again: %s", errno.name())
	}
	if !s.Changed() || s.Changed() {
		t.Error("a change is not told once")
	}
}

func TestEpollCtlErrors(t *testing.T) {
	s := tree(t)
	ep, _ := s.Epoll(0)
	e := uint64(ep)
	r, _, _ := pipeOf(t, s, 0)
	file := s.open(t, "/d/f", 0)
	for _, tt := range []struct {
		what   string
		ep, op uint64
		fd     uint64
		want   Errno
	}{
		{"a bad descriptor", e, epollAdd, 99, EBADF},
		{"a bad epoll descriptor", 99, epollAdd, r, EBADF},
		{"a file that cannot wait", e, epollAdd, file, EPERM},
		{"no epoll file", file, epollAdd, r, EINVAL},
		{"itself", e, epollAdd, e, EINVAL},
		{"what is not watched", e, epollDel, r, ENOENT},
		{"a pipe", e, epollAdd, r, 0},
		{"the same again", e, epollAdd, r, EEXIST},
		{"another wish", e, epollMod, r, 0},
		{"no operation", e, 7, r, EINVAL},
		{"the end of it", e, epollDel, r, 0},
		{"the end again", e, epollDel, r, ENOENT},
	} {
		if errno := s.EpollCtl(tt.ep, tt.op, tt.fd, Event{}); errno != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, errno.name(), tt.want.name())
		}
	}
	s.EpollCtl(e, epollAdd, r, Event{})
	s.Close(e)
	if f := s.get(r); f.registered.by != 0 || s.watching != 0 {
		t.Error("a closed epoll file watches on")
	}
}

func TestDevices(t *testing.T) {
	s := tree(t)
	zero, null := s.open(t, "/dev/zero", O_RDWR), s.open(t, "/dev/null", O_RDWR)
	b := []byte{1, 2, 3}
	if n, _ := s.Read(zero, b); n != 3 || b[0]|b[1]|b[2] != 0 {
		t.Errorf("/dev/zero gives %v", b)
	}
	if n, errno := s.Read(null, b); n != 0 || errno != 0 {
		t.Errorf("/dev/null gives %d, %s", n, errno.name())
	}
	if n, errno := s.Write(null, b); n != 3 || errno != 0 {
		t.Errorf("/dev/null takes %d, %s", n, errno.name())
	}
	for _, name := range []string{"urandom", "random", "stdin", "console"} {
		if k := s.Kind(s.open(t, "/dev/"+name, 0)); k != RandomFile && k != ConsoleFile {
			t.Errorf("/dev/%s is of kind %d", name, k)
		}
	}
}
