package listen

import (
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What Send refuses.
var (
	// ErrSocket tells of a socket that there is not.
	ErrSocket = errors.New("no such socket")
	// ErrFamily tells of an IPv6 address for a socket of IPv4.
	ErrFamily = errors.New("address that the socket cannot send to")
)

// Send sends a datagram through the socket Via of one that was received, so that it comes from the
// address and port that its sender knows. It never waits: if the kernel takes no more for now, the error
// is unix.EAGAIN. Behind Close it is unix.EBADF.
func (l *Listener) Send(via int, to netip.AddrPort, payload []byte) error {
	if via < 0 || via >= len(l.sockets) {
		return fmt.Errorf("cannot send through socket %d: %w", via, ErrSocket)
	}
	s := l.sockets[via]
	if s.answer.ipv4 && !to.Addr().Is4() || !to.IsValid() {
		return fmt.Errorf("cannot send to %v: %w", to, ErrFamily)
	}
	if err := s.send(&l.zones, to, payload); err != nil {
		return fmt.Errorf("cannot send to %v: %w", to, err)
	}
	return nil
}

// answer is where a socket's answers go, in memory that stays.
type answer struct {
	ipv4 bool
	to   unix.RawSockaddrInet6
}

func (s *socket) send(z *zones, to netip.AddrPort, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &s.answer
	size := z.setAddress(&a.to, to, a.ipv4)
	_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(payload))), uintptr(len(payload)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&a.to)), size)
	if errno != 0 {
		return errno
	}
	return nil
}
