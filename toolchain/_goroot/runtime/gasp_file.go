package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

// The file descriptors there are, beside 0 (empty), 1 and 2 (the board's).
const (
	gaspFDEpoll  = 100
	gaspFDEvent  = 101 // the network poller's wake-up
	gaspFDRandom = 200
)

var (
	gaspEvents    uint64 // count of the eventfd
	gaspEventData uint64 // what epoll_ctl said to report for it
	gaspRNGOn     bool
)

func gaspRead(fd, p, n uint64) uint64 {
	switch fd {
	case 0:
		return 0
	case gaspFDRandom:
		return gaspRandom(p, n)
	case gaspFDEvent:
		if gaspEvents == 0 {
			return gaspError(_EAGAIN)
		}
		if n < 8 {
			return gaspError(_EINVAL)
		}
		*(*uint64)(gaspPointer(p)) = gaspEvents
		gaspEvents = 0
		return 8
	}
	return gaspError(_EBADF)
}

func gaspWrite(fd, p, n uint64) uint64 {
	switch fd {
	case 1, 2:
		goosWrite(gaspPointer(p), uintptr(n))
		return n
	case gaspFDEvent:
		gaspEvents++
		for {
			id := gaspSched.Waiter(gaspEventAddr())
			if id == kernel.Nobody {
				break
			}
			t := &gaspThreads[id-1]
			gaspEpollReady(t)
			gaspWake(t, 1)
		}
		return 8
	}
	return gaspError(_EBADF)
}

func gaspOpen(path uint64) uint64 {
	p := (*byte)(gaspPointer(path))
	if gostringnocopy(p) == "/dev/urandom" {
		return gaspFDRandom
	}
	return gaspError(_ENOENT)
}

func gaspFcntl(fd, cmd uint64) uint64 {
	const getfl, rdwr = 3, 2
	if fd > 2 {
		return gaspError(_EBADF)
	}
	if cmd == getfl {
		return rdwr
	}
	return 0
}

func gaspRandom(p, n uint64) uint64 {
	if !gaspRNGOn {
		gaspRNGOn = true
		goosInitRNG()
	}
	goosGetRandomData(gaspBytes(gaspPointer(p), uintptr(n)))
	return n
}

// struct epoll_event is packed: events at 0, data at 4.
func gaspEpollCtl(fd, event uint64) uint64 {
	if fd != gaspFDEvent {
		return gaspError(_EPERM)
	}
	if event != 0 {
		gaspEventData = *(*uint64)(gaspPointer(event + 4))
	}
	return 0
}

func gaspEpollWait(t *gaspThread, ms int64) {
	if gaspEvents != 0 {
		gaspEpollReady(t)
		return
	}
	if ms == 0 {
		return
	}
	deadline := int64(0)
	if ms > 0 {
		deadline = gaspNow() + ms*1e6
	}
	gaspWait(t, gaspEventAddr(), deadline, 0)
}

// gaspEventAddr is what those wait for who wait for the eventfd.
func gaspEventAddr() uint64 { return uint64(uintptr(unsafe.Pointer(&gaspEvents))) }

// gaspEpollReady ends an epoll_pwait of t with the one event there can be.
func gaspEpollReady(t *gaspThread) {
	const epollin = 1
	*(*uint32)(gaspPointer(t.si)) = epollin
	*(*uint64)(gaspPointer(t.si + 4)) = gaspEventData
	t.ax = 1
}

const _EPERM = 1
