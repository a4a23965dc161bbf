package listen

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
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
// is unix.EAGAIN.
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

// answer is the memory for what a socket sends.
type answer struct {
	ipv4 bool

	mu      sync.Mutex
	to      unix.RawSockaddrInet6
	size    uintptr // of to
	payload []byte
	errno   error
	write   func(fd uintptr) (done bool)
}

func (a *answer) prepare(local *net.UDPAddr) {
	a.ipv4 = local.IP.To4() != nil
	a.write = a.sendto
}

func (s *socket) send(z *zones, to netip.AddrPort, payload []byte) error {
	a := &s.answer
	a.mu.Lock()
	defer a.mu.Unlock()
	a.size = z.setAddress(&a.to, to, a.ipv4)
	a.payload = payload
	err := s.raw.Write(a.write)
	a.payload = nil
	if err != nil {
		return err
	}
	return a.errno
}

// sendto is done in any case: what cannot be sent now is not sent, because the goroutine has datagrams
// to receive.
func (a *answer) sendto(fd uintptr) (done bool) {
	_, _, errno := unix.Syscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(unsafe.SliceData(a.payload))), uintptr(len(a.payload)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&a.to)), a.size)
	a.errno = nil
	if errno != 0 {
		a.errno = errno
	}
	return true
}
