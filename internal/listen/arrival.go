package listen

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxAge is how long a datagram can have waited in the kernel, as far as that is believed: its stamp is wall clock
// time, and that can be set.
const maxAge = 30 * time.Second

// arrival is when the kernel got the datagram that was taken last (socket(7), SIOCGSTAMPNS), on the clock that now was
// read from. A reader that does not get the processor, or has much to catch up with, takes a datagram long after it
// came, and what came twice at once would seem to have come again later. The kernel begins to stamp a moment after the
// first socket asked; what comes before that is as old as its asking.
func (s *socket) arrival(now time.Time) time.Time {
	var stamp unix.Timespec
	if _, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(s.fd), unix.SIOCGSTAMPNS, uintptr(unsafe.Pointer(&stamp))); errno != 0 {
		return now
	}
	age := time.Duration(now.UnixNano() - stamp.Nano())
	if age <= 0 || age > maxAge {
		return now
	}
	return now.Add(-age)
}

// handed notes that what came before a time was handed on.
func (s *socket) handed(until time.Time, l *Listener) { s.until.Store(int64(until.Sub(l.begun))) }

// behind says whether there may be a datagram that was not handed on.
func (s *socket) behind() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	poll := [1]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}} // one that is closed is passed over (poll(2))
	n, err := unix.Poll(poll[:], 0)
	return err == nil && n > 0 || s.taking.Load()
}

// Until is the time until when everything that came was handed on, on the clock that now was read from: now, if nothing
// waits. What waits for others to come before it must not be given up for those that came and were not looked at yet.
func (l *Listener) Until(now time.Time) time.Time {
	until := now
	for _, s := range l.sockets {
		if s.behind() {
			if t := l.begun.Add(time.Duration(s.until.Load())); t.Before(until) {
				until = t
			}
		}
	}
	return until
}
