package netstack

import (
	"context"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// listenBacklog is Linux's net.core.somaxconn.
const listenBacklog = 4096

// Socket makes a socket, as net.SocketFunc wants it: a *Listener, a *Conn, or a
// *PacketConn. Network is tcp, tcp4, tcp6, udp, udp4 or udp6. A connection to
// another machine waits until the stack has an address, ten seconds at the most; a stream by IPv6 until
// there is a way to it, or the stack is ten seconds old.
// Errors are those of the system calls: *os.SyscallError.
func (s *Stack) Socket(ctx context.Context, network string, family, sotype int, laddr, raddr net.Addr) (any, error) {
	transport := tcp.ProtocolNumber
	switch {
	case sotype == syscall.SOCK_STREAM && strings.HasPrefix(network, "tcp"):
	case sotype == syscall.SOCK_DGRAM && strings.HasPrefix(network, "udp"):
		transport = udp.ProtocolNumber
	default:
		return nil, os.NewSyscallError("socket", syscall.EPROTONOSUPPORT)
	}
	protocol := ipv6.ProtocolNumber
	if family == syscall.AF_INET {
		protocol = ipv4.ProtocolNumber
	}
	queue := new(waiter.Queue)
	ep, terr := s.stack.NewEndpoint(transport, protocol, queue)
	if terr != nil {
		return nil, callError("socket", terr)
	}
	c := newSocket(ep, queue, family)
	ep.SocketOptions().SetV6Only(strings.HasSuffix(network, "6"))
	err := s.open(ctx, c, transport, laddr, raddr)
	if err != nil {
		c.Close()
		return nil, err
	}
	switch {
	case transport == udp.ProtocolNumber:
		return &PacketConn{c}, nil
	case raddr == nil:
		return &Listener{c}, nil
	}
	return &Conn{socket: c}, nil
}

// open binds, listens and connects.
func (s *Stack) open(ctx context.Context, c *socket, transport tcpip.TransportProtocolNumber, laddr, raddr net.Addr) error {
	stream := transport == tcp.ProtocolNumber
	if !stream {
		c.ep.SocketOptions().SetBroadcast(true)
	} else if raddr == nil {
		c.ep.SocketOptions().SetReuseAddress(true)
	}
	if local, ok := addressOf(laddr); ok || raddr == nil {
		to, err := local.full(c.family)
		if err != nil {
			return err
		}
		if terr := c.ep.Bind(to); terr != nil {
			return callError("bind", terr)
		}
	}
	if raddr == nil {
		if stream {
			return callError("listen", c.ep.Listen(listenBacklog))
		}
		return nil
	}
	remote, _ := addressOf(raddr)
	remote = remote.orLoopback(c.family)
	to, err := remote.full(c.family)
	if err != nil {
		return err
	}
	switch {
	case remote.ip.IsLoopback():
	case stream && remote.ip.To4() == nil: // not for datagrams: package net connects sockets to find out which addresses can be reached
		err = s.awaitWay(ctx, to)
	default:
		err = s.awaitAddress(ctx)
	}
	if err != nil {
		return err
	}
	return c.connect(ctx, to)
}

// A socket is what connections and listeners share.
type socket struct {
	ep     tcpip.Endpoint
	queue  *waiter.Queue
	family int

	read, write deadline
	closed      chan struct{}
	closing     sync.Once
}

func newSocket(ep tcpip.Endpoint, queue *waiter.Queue, family int) *socket {
	return &socket{ep: ep, queue: queue, family: family, closed: make(chan struct{})}
}

// connect connects, and waits until that is done, or ctx is.
func (c *socket) connect(ctx context.Context, to tcpip.FullAddress) error {
	entry, ready := waiter.NewChannelEntry(waiter.WritableEvents | waiter.EventErr | waiter.EventHUp)
	c.queue.EventRegister(&entry)
	defer c.queue.EventUnregister(&entry)
	err := c.ep.Connect(to)
	if _, started := err.(*tcpip.ErrConnectStarted); started {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ready:
		}
		err = c.ep.LastError()
	}
	return callError("connect", err)
}

// Close closes the socket. Who waits for it gets net.ErrClosed.
func (c *socket) Close() error {
	err := net.ErrClosed
	c.closing.Do(func() {
		close(c.closed)
		c.ep.Close()
		c.read.set(time.Time{})
		c.write.set(time.Time{})
		err = nil
	})
	return err
}

// await calls try until it does not have to wait any more, and returns its error,
// call's, or that the deadline is over or the socket closed.
func (c *socket) await(call string, events waiter.EventMask, until *deadline, try func() tcpip.Error) error {
	expired := until.wait()
	switch {
	case over(c.closed):
		return net.ErrClosed
	case over(expired):
		return os.ErrDeadlineExceeded
	}
	err := try()
	if wouldBlock(err) {
		entry, ready := waiter.NewChannelEntry(events | waiter.EventErr | waiter.EventHUp)
		c.queue.EventRegister(&entry)
		defer c.queue.EventUnregister(&entry)
		for err = try(); wouldBlock(err); err = try() {
			select {
			case <-ready:
			case <-c.closed:
				return net.ErrClosed
			case <-expired:
				return os.ErrDeadlineExceeded
			}
		}
	}
	if err != nil && over(c.closed) {
		return net.ErrClosed
	}
	return callErrorOrEnd(call, err)
}

// SetDeadline sets both deadlines.
func (c *socket) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline says until when reading and accepting may wait; the zero time is
// for ever.
func (c *socket) SetReadDeadline(t time.Time) error {
	if over(c.closed) {
		return net.ErrClosed
	}
	c.read.set(t)
	return nil
}

// SetWriteDeadline says until when writing may wait; the zero time is for ever.
func (c *socket) SetWriteDeadline(t time.Time) error {
	if over(c.closed) {
		return net.ErrClosed
	}
	c.write.set(t)
	return nil
}

// SetReadBuffer sets the size of the buffer for what comes in, in bytes, within the
// stack's bounds.
func (c *socket) SetReadBuffer(bytes int) error {
	c.ep.SocketOptions().SetReceiveBufferSize(int64(bytes), true)
	return nil
}

// SetWriteBuffer sets the size of the buffer for what goes out, in bytes, within the
// stack's bounds.
func (c *socket) SetWriteBuffer(bytes int) error {
	c.ep.SocketOptions().SetSendBufferSize(int64(bytes), true)
	return nil
}
