package listen

import (
	"sync"
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

// heard takes the kernel's count; an older one than is known changes nothing.
func (d *drops) heard(count uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if more := count - d.last; int32(more) > 0 {
		d.last = count
		d.total += uint64(more)
	}
}

// dropped asks the kernel, as long as the socket is open, and returns the count.
func (s *socket) dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(s.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno == 0 && size > 4*unix.SK_MEMINFO_DROPS {
		s.drops.heard(info[unix.SK_MEMINFO_DROPS])
	}
	s.drops.mu.Lock()
	defer s.drops.mu.Unlock()
	return s.drops.total
}
