// Package listen receives UDP datagrams in batches on any number of sockets.
package listen

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// Buffer is the size in bytes of the kernel's receive buffer that is asked for, for each socket;
	// without the right to force it, the kernel grants net.core.rmem_max.
	Buffer = 16 << 20
	// MaxSockets is how many sockets an address may have.
	MaxSockets = 64
)

// Datagram is one UDP payload.
type Datagram struct {
	// At is when the kernel got the last of those that were taken with it, so that it is not later for a
	// reader that comes late. It has the monotonic clock's reading, and does not go back when the wall
	// clock is set.
	At   time.Time
	From netip.AddrPort
	// Via is the socket that it came through, for Send.
	Via int
	// Data is the payload, cut to the size that Listen was told.
	Data []byte
	// Size is the payload's size in bytes as it was sent.
	Size int
}

// Handler takes datagrams. Each socket's reader calls it on its own goroutine. The batch and the bytes
// in it are the handler's only until it returns.
type Handler func(batch []Datagram)

// Options say how to listen.
type Options struct {
	// Sockets is how many sockets each address gets, 1 to MaxSockets; the kernel gives all datagrams of
	// one sender to the same one.
	Sockets int
	// Keep is how many bytes at most of each datagram are kept.
	Keep int
}

// Listener is the open sockets.
type Listener struct {
	options Options
	sockets []*socket
	zones   zones
	errors  atomic.Uint64
	readers sync.WaitGroup
	closing atomic.Bool
	begun   time.Time
}

// Listen opens sockets for each address: "host:port", or ":port" for all addresses of IPv4 and IPv6
// both. Nothing else may be bound to it, other receivers neither.
func Listen(addresses []string, o Options) (*Listener, error) {
	if o.Sockets < 1 || o.Sockets > MaxSockets {
		return nil, fmt.Errorf("%d sockets an address are not 1 to %d", o.Sockets, MaxSockets)
	}
	l := &Listener{options: o, begun: time.Now()}
	for _, address := range addresses {
		sockets, err := open(address, o.Sockets)
		l.sockets = append(l.sockets, sockets...)
		if err != nil {
			l.Close()
			return nil, explain(address, err)
		}
	}
	return l, nil
}

// Start begins to read and to call handle, from one goroutine a socket.
func (l *Listener) Start(handle Handler) {
	for via := range l.sockets {
		l.readers.Go(newReader(l, via, handle).run)
	}
}

// Addresses are those that the sockets are bound to, each once.
func (l *Listener) Addresses() (list []string) {
	for i := 0; i < len(l.sockets); i += l.options.Sockets {
		list = append(list, l.sockets[i].local.String())
	}
	return list
}

// BufferSize is the smallest receive buffer in bytes that the kernel granted.
func (l *Listener) BufferSize() int {
	smallest := Buffer
	for _, s := range l.sockets {
		smallest = min(smallest, s.buffer)
	}
	return smallest
}

// Dropped is what the kernel had to drop at one socket, because its buffer was full.
type Dropped struct {
	// Address is what the socket is bound to, and Via its number.
	Address string
	Via     int
	// Datagrams counts them since the start.
	Datagrams uint64
}

// Dropped counts, for each socket, the datagrams that the kernel had to drop.
func (l *Listener) Dropped() []Dropped {
	list := make([]Dropped, len(l.sockets))
	for i, s := range l.sockets {
		list[i] = Dropped{s.local.String(), i, s.dropped()}
	}
	return list
}

// Drops counts the datagrams that the kernel had to drop at all sockets.
func (l *Listener) Drops() (n uint64) {
	for _, s := range l.sockets {
		n += s.dropped()
	}
	return n
}

// Errors counts failed receptions.
func (l *Listener) Errors() uint64 { return l.errors.Load() }

// Close hands on what waits in the kernel already, though not for longer than a second, and closes the
// sockets. It must not be called by a handler. What the sockets counted can still be read.
func (l *Listener) Close() {
	if l.closing.Swap(true) {
		return
	}
	for _, s := range l.sockets {
		s.waiter.stop()
	}
	l.readers.Wait()
	l.Drops()
	for _, s := range l.sockets {
		s.close()
	}
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
