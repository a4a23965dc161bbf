package listen

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waiter lets a goroutine wait for a socket's datagrams without keeping a thread, and have no part in what
// comes otherwise. Go's network poller alone cannot do that: once it knows a socket it wakes up for
// everything that comes, also while the reader rests. So it knows an epoll instance (epoll(7)), in which
// the socket is only while somebody waits.
type waiter struct {
	file   *os.File // the epoll instance
	raw    syscall.RawConn
	socket int
	event  unix.EpollEvent
	in     bool
	err    error
	step   func(fd uintptr) (done bool)
	leave  func(fd uintptr)
}

func newWaiter(socket int) (*waiter, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	w := &waiter{file: os.NewFile(uintptr(fd), "epoll"), socket: socket, event: unix.EpollEvent{Events: unix.EPOLLIN}}
	if w.raw, err = w.file.SyscallConn(); err != nil {
		w.close()
		return nil, err
	}
	w.step, w.leave = w.put, w.take
	return w, nil
}

// wait returns when the socket has datagrams. Behind stop it returns os.ErrDeadlineExceeded at once.
func (w *waiter) wait() error {
	err := w.raw.Read(w.step)
	if w.in {
		w.raw.Control(w.leave)
		return err
	}
	return errors.Join(err, w.err)
}

// put is called before the waiting and after it.
func (w *waiter) put(fd uintptr) (done bool) {
	if w.in {
		return true
	}
	w.err = os.NewSyscallError("epoll_ctl", unix.EpollCtl(int(fd), unix.EPOLL_CTL_ADD, w.socket, &w.event))
	w.in = w.err == nil
	return !w.in
}

func (w *waiter) take(fd uintptr) {
	unix.EpollCtl(int(fd), unix.EPOLL_CTL_DEL, w.socket, nil)
	w.in = false
}

// stop ends wait for good.
func (w *waiter) stop() { w.file.SetReadDeadline(time.Unix(1, 0)) }

func (w *waiter) close() { w.file.Close() }
