package listen

import (
	"context"
	"net"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket is one of those that are bound to an address.
type socket struct {
	conn   *net.UDPConn
	raw    syscall.RawConn
	buffer int // bytes granted
	drops  drops
	answer answer
}

// open binds count sockets to an address. It returns those that it opened, also with an error.
func open(address string, count int) (sockets []*socket, err error) {
	network := family(address)
	for len(sockets) < count {
		s, err := bind(network, address, len(sockets) > 0)
		if err != nil {
			return sockets, err
		}
		if sockets = append(sockets, s); len(sockets) > 1 || count == 1 {
			continue
		}
		// The first one is bound without SO_REUSEPORT, which fails if anybody else is bound, and only then
		// lets others share its port: a second receiver cannot take a part of the datagrams unnoticed.
		if err := s.set(unix.SO_REUSEPORT, 1); err != nil {
			return sockets, err
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return sockets, err
		}
		address = net.JoinHostPort(host, strconv.Itoa(s.conn.LocalAddr().(*net.UDPAddr).Port))
	}
	return sockets, nil
}

// family is the network to ask of package net: a literal address is of its own family alone, where the
// package would take 0.0.0.0 and :: for both.
func family(address string) string {
	switch host, _, _ := net.SplitHostPort(address); host {
	case "0.0.0.0":
		return "udp4"
	case "::":
		return "udp6"
	}
	return "udp"
}

func bind(network, address string, shared bool) (*socket, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		if shared {
			raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
		}
		return err
	}}
	conn, err := config.ListenPacket(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn.(*net.UDPConn)}
	if s.raw, err = s.conn.SyscallConn(); err != nil {
		conn.Close()
		return nil, err
	}
	s.answer.prepare(s.conn.LocalAddr().(*net.UDPAddr))
	if s.set(unix.SO_RCVBUFFORCE, Buffer) != nil {
		s.set(unix.SO_RCVBUF, Buffer)
	}
	s.set(unix.SO_RXQ_OVFL, 1)
	s.raw.Control(func(fd uintptr) {
		// The kernel reports twice what it was asked for (socket(7)).
		n, _ := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
		s.buffer = n / 2
	})
	return s, nil
}

// set sets an option of level SOL_SOCKET (socket(7)).
func (s *socket) set(option, value int) (err error) {
	failed := s.raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, value) })
	if failed != nil {
		return failed
	}
	return err
}
