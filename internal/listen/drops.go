package listen

import (
	"encoding/binary"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// drops counts what the kernel dropped at one socket. It counts in 32 bits and tells twice: with each
// datagram, as it was when that came (SO_RXQ_OVFL), and when asked (SO_MEMINFO), so that what was dropped
// behind the last datagram is known too.
type drops struct {
	mu    sync.Mutex
	last  uint32
	total uint64
}

// heard takes the kernel's count, which is not newer than what is known when two readers of it race.
func (d *drops) heard(count uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if more := count - d.last; int32(more) > 0 {
		d.last = count
		d.total += uint64(more)
	}
}

// now asks the kernel, as long as the socket is open, and returns the count.
func (d *drops) now(raw syscall.RawConn) uint64 {
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	var failed syscall.Errno
	err := raw.Control(func(fd uintptr) {
		_, _, failed = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err == nil && failed == 0 && size > 4*unix.SK_MEMINFO_DROPS {
		d.heard(info[unix.SK_MEMINFO_DROPS])
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.total
}

// overflow finds the count of dropped datagrams that comes with SO_RXQ_OVFL, the only control message
// that is asked for.
func overflow(control []byte) (count uint32, ok bool) {
	if len(control) < unix.CmsgLen(4) {
		return 0, false
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	if header.Level != unix.SOL_SOCKET || header.Type != unix.SO_RXQ_OVFL {
		return 0, false
	}
	return binary.NativeEndian.Uint32(control[unix.CmsgLen(0):]), true
}
