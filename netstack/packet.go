package netstack

import (
	"bytes"
	"net"
	"os"
	"syscall"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/waiter"
)

// A PacketConn sends and receives UDP datagrams. It is a net.PacketConn, and a
// net.Conn if it is connected.
type PacketConn struct{ *socket }

// LocalAddr is the socket's address on this machine.
func (c *PacketConn) LocalAddr() net.Addr {
	a, _ := c.ep.GetLocalAddress()
	return udpAddress(a, c.family)
}

// RemoteAddr is the other end's address, nil if the socket is not connected.
func (c *PacketConn) RemoteAddr() net.Addr {
	a, err := c.ep.GetRemoteAddress()
	if err != nil {
		return nil
	}
	return udpAddress(a, c.family)
}

// Read waits for a datagram of the other end. What p has no room for is lost.
func (c *PacketConn) Read(p []byte) (n int, err error) {
	n, _, err = c.receive("read", p)
	return n, err
}

// ReadFrom waits for a datagram, and says from where it came: a *net.UDPAddr. What p
// has no room for is lost.
func (c *PacketConn) ReadFrom(p []byte) (n int, from net.Addr, err error) {
	n, a, err := c.receive("recvfrom", p)
	if err != nil {
		return n, nil, err
	}
	return n, udpAddress(a, c.family), nil
}

func (c *PacketConn) receive(call string, p []byte) (n int, from tcpip.FullAddress, err error) {
	err = c.await(call, waiter.ReadableEvents, &c.read, func() tcpip.Error {
		w := tcpip.SliceWriter(p)
		result, err := c.ep.Read(&w, tcpip.ReadOptions{NeedRemoteAddr: true})
		n, from = result.Count, result.RemoteAddr
		if _, short := err.(*tcpip.ErrBadBuffer); short {
			return nil // p is too small, or an empty datagram
		}
		return err
	})
	return n, from, err
}

// Write sends a datagram to the other end.
func (c *PacketConn) Write(p []byte) (int, error) {
	return c.send("write", p, tcpip.WriteOptions{})
}

// WriteTo sends a datagram to an address, a *net.UDPAddr.
func (c *PacketConn) WriteTo(p []byte, to net.Addr) (int, error) {
	a, ok := addressOf(to)
	if !ok {
		return 0, os.NewSyscallError("sendto", syscall.EINVAL)
	}
	full, err := a.orLoopback(c.family).full(c.family)
	if err != nil {
		return 0, err
	}
	return c.send("sendto", p, tcpip.WriteOptions{To: &full})
}

func (c *PacketConn) send(call string, p []byte, options tcpip.WriteOptions) (n int, err error) {
	err = c.await(call, waiter.WritableEvents, &c.write, func() tcpip.Error {
		wrote, err := c.ep.Write(bytes.NewReader(p), options)
		n = int(wrote)
		return err
	})
	return n, err
}
