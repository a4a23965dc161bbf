// Package listen receives UDP datagrams on any number of sockets.
package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// Buffer is the size in bytes of the kernel's receive buffer that is asked for; without the
	// right to force it, the kernel grants net.core.rmem_max.
	Buffer = 16 << 20
	// queue is how many datagrams wait for the rest of the program, besides those in the kernel.
	queue = 4096
	// largest is the largest UDP payload, in bytes, over IPv6.
	largest = 65535
)

// Datagram is one UDP payload.
type Datagram struct {
	At   time.Time
	From netip.AddrPort
	// Via is the socket that it came through, for Send.
	Via int
	// Data is the payload, cut to the size that Listen was told.
	Data []byte
	// Size is the payload's size in bytes as it was sent.
	Size int
}

// Listener is the open sockets.
type Listener struct {
	keep    int
	conns   []*net.UDPConn
	buffer  int
	out     chan Datagram
	drops   []atomic.Uint32
	errors  atomic.Uint64
	readers sync.WaitGroup
}

// Listen opens a socket for each address, "host:port" or ":port" for IPv4 and IPv6 both. Of each
// datagram keep bytes at most are kept.
func Listen(addresses []string, keep int) (*Listener, error) {
	l := &Listener{keep: keep, out: make(chan Datagram, queue), drops: make([]atomic.Uint32, len(addresses))}
	for _, address := range addresses {
		conn, err := l.open(address)
		if err != nil {
			for _, c := range l.conns {
				c.Close()
			}
			return nil, explain(address, err)
		}
		l.conns = append(l.conns, conn)
	}
	for i, conn := range l.conns {
		l.readers.Go(func() { l.read(conn, i) })
	}
	return l, nil
}

// Datagrams is where they arrive. It is closed after Close, when all have been taken.
func (l *Listener) Datagrams() <-chan Datagram { return l.out }

// ErrSocket is what Send says of a socket that there is not.
var ErrSocket = errors.New("no such socket")

// Send sends a datagram through the socket that one came through.
func (l *Listener) Send(via int, to netip.AddrPort, payload []byte) error {
	if via < 0 || via >= len(l.conns) {
		return fmt.Errorf("cannot send through socket %d: %w", via, ErrSocket)
	}
	_, err := l.conns[via].WriteToUDPAddrPort(payload, to)
	return err
}

// Addresses are those that the sockets are bound to.
func (l *Listener) Addresses() (list []string) {
	for _, c := range l.conns {
		list = append(list, c.LocalAddr().String())
	}
	return list
}

// BufferSize is the smallest receive buffer in bytes that the kernel granted.
func (l *Listener) BufferSize() int { return l.buffer }

// Drops counts the datagrams that the kernel had to drop because its buffer was full, as far as it
// has told.
func (l *Listener) Drops() (n uint64) {
	for i := range l.drops {
		n += uint64(l.drops[i].Load())
	}
	return n
}

// Errors counts failed receptions.
func (l *Listener) Errors() uint64 { return l.errors.Load() }

// Close closes the sockets. Datagrams still waiting in the kernel are lost.
func (l *Listener) Close() {
	for _, c := range l.conns {
		c.Close()
	}
	go func() {
		l.readers.Wait()
		close(l.out)
	}()
}

func (l *Listener) open(address string) (*net.UDPConn, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) {
			if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, Buffer) != nil {
				unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, Buffer)
			}
			// The kernel reports twice what it was asked for (socket(7)).
			if n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF); err == nil && (l.buffer == 0 || n/2 < l.buffer) {
				l.buffer = n / 2
			}
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
		})
	}}
	conn, err := config.ListenPacket(context.Background(), "udp", address)
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

func explain(address string, err error) error {
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return fmt.Errorf("cannot listen on %s: the port is in use (another receiver? see ss -ulpn)", address)
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("cannot listen on %s: ports below 1024 need privileges", address)
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return fmt.Errorf("cannot listen on %s: this machine does not have that address", address)
	}
	return fmt.Errorf("cannot listen on %s: %w", address, err)
}
