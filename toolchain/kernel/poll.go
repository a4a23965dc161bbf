package kernel

// Events of epoll (include/uapi/linux/eventpoll.h), and operations of epoll_ctl.
const (
	epollIn      = 0x001
	epollOut     = 0x004
	epollErr     = 0x008
	epollHup     = 0x010
	epollRdHup   = 0x2000
	epollOneshot = 1 << 30
	epollEdge    = 1 << 31

	epollAdd = 1
	epollDel = 2
	epollMod = 3
)

// maxWatched is how many files can be watched.
const maxWatched = 2*maxPipes + 16

// watch is what an epoll file wants to know of a file.
type watch struct {
	by     uint16 // file number+1 of the epoll file; 0: not watched
	events uint32
	data   [2]uint32
	edge   bool // something has changed since it was told last
}

// Epoll is epoll_create1(2).
func (s *Files) Epoll(flags uint64) (int, Errno) {
	if flags&^O_CLOEXEC != 0 {
		return 0, EINVAL
	}
	return s.install(file{kind: EpollFile, flags: O_RDWR}, 0, flags)
}

// Event is eventfd2(2).
func (s *Files) Event(count, flags uint64) (int, Errno) {
	if flags&^(O_CLOEXEC|O_NONBLOCK) != 0 {
		return 0, EINVAL
	}
	return s.install(file{kind: EventFile, flags: O_RDWR | uint32(flags)&O_NONBLOCK, count: uint64(uint32(count))}, 0, flags)
}

func (s *Files) readEvent(f *file, b []byte) (int, Errno) {
	switch {
	case len(b) < 8:
		return 0, EINVAL
	case f.count == 0:
		return 0, EAGAIN
	}
	put64(b, f.count)
	f.count = 0
	f.registered.edge, s.changed = true, true
	return 8, 0
}

func (s *Files) writeEvent(f *file, b []byte) (int, Errno) {
	if len(b) < 8 {
		return 0, EINVAL
	}
	v := uint64(0)
	for i := range 8 {
		v |= uint64(b[i]) << (8 * i)
	}
	const most = 1<<64 - 2
	switch {
	case v > most:
		return 0, EINVAL
	case v > most-f.count:
		return 0, EAGAIN
	}
	f.count += v
	f.registered.edge, s.changed = true, true
	return 8, 0
}

// Signal makes /dev/frames readable, an event file that the board counts up when the
// network device has interrupted.
func (s *Files) Signal() {
	if s.frames == 0 {
		return
	}
	f := &s.files[(s.frames-1)%MaxFiles]
	f.count++
	f.registered.edge, s.changed = true, true
}

// notice marks both ends of a pipe as changed.
func (s *Files) notice(pipe uint32) {
	s.changed = true
	for _, i := range s.watched[:s.watching] {
		if f := &s.files[i%MaxFiles]; f.kind == PipeFile && f.pipe == pipe {
			f.registered.edge = true
		}
	}
}

// Changed tells whether somebody who waits may go on since it was asked last.
func (s *Files) Changed() bool {
	c := s.changed
	s.changed = false
	return c
}

// EpollCtl is epoll_ctl(2). A file can be watched by one epoll file only. What is
// always ready cannot be watched: EPERM.
func (s *Files) EpollCtl(epfd, op, fd uint64, want Event) Errno {
	e, f := s.get(epfd), s.get(fd)
	if e == nil || f == nil {
		return EBADF
	}
	if e.kind != EpollFile || e == f {
		return EINVAL
	}
	if f.kind != PipeFile && f.kind != EventFile {
		return EPERM
	}
	by, i := s.descriptors[epfd].file, s.descriptors[fd].file-1
	switch {
	case op == epollAdd && f.registered.by != 0:
		return EEXIST
	case op != epollAdd && f.registered.by != by:
		return ENOENT
	case op == epollAdd && s.watching == maxWatched:
		return ENFILE
	case op == epollDel:
		s.unwatch(i)
		return 0
	case op == epollAdd:
		s.watched[s.watching] = i
		s.watching++
	case op != epollMod:
		return EINVAL
	}
	f.registered = watch{by: by, events: want.Events | epollErr | epollHup, data: want.Data, edge: true}
	s.changed = true
	return 0
}

func (s *Files) unwatch(i uint16) {
	s.files[i%MaxFiles].registered = watch{}
	for k := 0; k < s.watching; k++ {
		if s.watched[k] == i {
			copy(s.watched[k:s.watching], s.watched[k+1:s.watching])
			s.watching--
			return
		}
	}
}

func (s *Files) unwatchAll(by uint16) {
	for k := s.watching - 1; k >= 0; k-- {
		if i := s.watched[k]; s.files[i%MaxFiles].registered.by == by+1 {
			s.unwatch(i)
		}
	}
}

// EpollReady is epoll_pwait(2) without the waiting: it fills events with what is
// ready, and returns how many those are.
func (s *Files) EpollReady(epfd uint64, events []Event) (n int, errno Errno) {
	e := s.get(epfd)
	switch {
	case e == nil:
		return 0, EBADF
	case e.kind != EpollFile || len(events) == 0:
		return 0, EINVAL
	}
	by := s.descriptors[epfd].file
	for _, i := range s.watched[:s.watching] {
		f := &s.files[i%MaxFiles]
		w := &f.registered
		if n == len(events) || w.by != by || w.events&epollEdge != 0 && !w.edge {
			continue
		}
		ready := s.ready(f) & w.events
		if ready == 0 {
			continue
		}
		w.edge = false
		if w.events&epollOneshot != 0 {
			w.events &= epollEdge | epollOneshot
		}
		events[n] = Event{Events: ready, Data: w.data}
		n++
	}
	return n, 0
}

// ready is what can be done with f without waiting.
func (s *Files) ready(f *file) (events uint32) {
	if f.kind == EventFile {
		if f.count > 0 {
			events |= epollIn
		}
		return events | epollOut
	}
	p := &s.pipes[f.pipe%maxPipes]
	if f.writer {
		if PipeSize-p.len >= pipeAtomic {
			events |= epollOut
		}
		if !p.readers {
			events |= epollErr
		}
		return events
	}
	if p.len > 0 {
		events |= epollIn
	}
	if !p.writers {
		events |= epollHup
	}
	return events
}
