package listen

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// socket is one of those that are bound to an address.
type socket struct {
	local  netip.AddrPort
	buffer int // bytes granted
	drops  drops
	answer answer
	waiter *waiter
	taking atomic.Bool  // its reader may have some that it has not handed on
	until  atomic.Int64 // nanoseconds after the listener began: what came before was handed on

	mu sync.Mutex // over the descriptor's life, for all but its reader
	fd int        // -1: closed
}

// open binds count sockets to an address. It returns those that it opened, also with an error.
func open(address string, count int) (sockets []*socket, err error) {
	local, family, err := resolve(address)
	if err != nil {
		return nil, err
	}
	for i := range count {
		s, err := bind(local, family, i > 0)
		if err != nil {
			return sockets, err
		}
		sockets = append(sockets, s)
		if i > 0 || count == 1 {
			continue
		}
		// The first one is bound without SO_REUSEPORT, which fails if anybody else is bound, and only then
		// lets others share its port: a second receiver cannot take a part of the datagrams unnoticed.
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return sockets, err
		}
		local = s.local
	}
	return sockets, nil
}

// resolve reads "host:port" and says of which family a socket for it is: unix.AF_INET, unix.AF_INET6, or
// unix.AF_UNSPEC for both at once, which is what no host means.
func resolve(address string) (local netip.AddrPort, family int, err error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return local, 0, err
	}
	a, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return local, 0, err
	}
	local = a.AddrPort()
	switch addr := local.Addr().Unmap(); {
	case host == "":
		return netip.AddrPortFrom(netip.IPv6Unspecified(), local.Port()), unix.AF_UNSPEC, nil
	case addr.Is4():
		return netip.AddrPortFrom(addr, local.Port()), unix.AF_INET, nil
	}
	return local, unix.AF_INET6, nil
}

// bind opens a socket, one of IPv4 where it was to be of both families and there is no IPv6.
func bind(local netip.AddrPort, family int, shared bool) (*socket, error) {
	domain := unix.AF_INET6
	if family == unix.AF_INET {
		domain = unix.AF_INET
	}
	fd, err := unix.Socket(domain, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == unix.EAFNOSUPPORT && family == unix.AF_UNSPEC {
		return bind(netip.AddrPortFrom(netip.IPv4Unspecified(), local.Port()), unix.AF_INET, shared)
	}
	if err != nil {
		return nil, err
	}
	s := &socket{fd: fd}
	s.answer.ipv4 = domain == unix.AF_INET
	if s.waiter, err = newWaiter(fd); err != nil {
		unix.Close(fd)
		return nil, err
	}
	if err := s.prepare(local, family, shared); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *socket) prepare(local netip.AddrPort, family int, shared bool) error {
	var name unix.Sockaddr
	if s.answer.ipv4 {
		name = &unix.SockaddrInet4{Port: int(local.Port()), Addr: local.Addr().As4()}
	} else {
		six := 0
		if family == unix.AF_INET6 {
			six = 1
		}
		if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, six); err != nil {
			return err
		}
		var zone uint32
		if z := local.Addr().Zone(); z != "" {
			i, err := net.InterfaceByName(z)
			if err != nil {
				return err
			}
			zone = uint32(i.Index)
		}
		name = &unix.SockaddrInet6{Port: int(local.Port()), Addr: local.Addr().As16(), ZoneId: zone}
	}
	if shared {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return err
		}
	}
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, Buffer) != nil {
		unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, Buffer)
	}
	unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
	s.arrival(time.Now()) // the first time it makes the kernel stamp what comes
	// The kernel reports twice what it was asked for (socket(7)).
	n, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	if err != nil {
		return err
	}
	s.buffer = n / 2
	if err := unix.Bind(s.fd, name); err != nil {
		return err
	}
	bound, err := unix.Getsockname(s.fd)
	if err != nil {
		return err
	}
	port := 0
	switch a := bound.(type) {
	case *unix.SockaddrInet4:
		port = a.Port
	case *unix.SockaddrInet6:
		port = a.Port
	}
	s.local = netip.AddrPortFrom(local.Addr(), uint16(port))
	return nil
}

// close closes it. Its reader must have ended.
func (s *socket) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd >= 0 {
		s.waiter.close()
		unix.Close(s.fd)
		s.fd = -1
	}
}
