package netstack

import (
	"bytes"
	"io"
	"net"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/waiter"
)

// A Listener takes TCP connections. It is a net.Listener.
type Listener struct{ *socket }

// Addr is the address it listens at.
func (l *Listener) Addr() net.Addr {
	a, _ := l.ep.GetLocalAddress()
	return tcpAddress(a, l.family)
}

// Accept waits for a connection, a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	var c *Conn
	err := l.await("accept", waiter.ReadableEvents, &l.read, func() tcpip.Error {
		ep, queue, err := l.ep.Accept(nil)
		if err == nil {
			c = &Conn{socket: newSocket(ep, queue, l.family)}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// A Conn is a TCP connection. It is a net.Conn.
type Conn struct {
	*socket
	reading, writing sync.Mutex // one reads, and one writes, at a time
}

// LocalAddr is the connection's address on this machine.
func (c *Conn) LocalAddr() net.Addr {
	a, _ := c.ep.GetLocalAddress()
	return tcpAddress(a, c.family)
}

// RemoteAddr is the other end's address.
func (c *Conn) RemoteAddr() net.Addr {
	a, _ := c.ep.GetRemoteAddress()
	return tcpAddress(a, c.family)
}

// Read reads what has come, and waits for it. At the end it returns io.EOF.
func (c *Conn) Read(p []byte) (n int, err error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	err = c.await("read", waiter.ReadableEvents, &c.read, func() tcpip.Error {
		w := tcpip.SliceWriter(p)
		result, err := c.ep.Read(&w, tcpip.ReadOptions{})
		n = result.Count
		return err
	})
	if n > 0 {
		c.ep.ModerateRecvBuf(n)
	}
	return n, err
}

// Write writes all of p, and waits for room for it.
func (c *Conn) Write(p []byte) (n int, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	var rest bytes.Reader
	for {
		rest.Reset(p[n:])
		err = c.await("write", waiter.WritableEvents, &c.write, func() tcpip.Error {
			wrote, err := c.ep.Write(&rest, tcpip.WriteOptions{})
			n += int(wrote)
			return err
		})
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil || n >= len(p) {
			return n, err
		}
	}
}

// CloseRead shuts down the reading side.
func (c *Conn) CloseRead() error {
	return callError("shutdown", c.ep.Shutdown(tcpip.ShutdownRead))
}

// CloseWrite shuts down the writing side: the other end reads io.EOF.
func (c *Conn) CloseWrite() error {
	return callError("shutdown", c.ep.Shutdown(tcpip.ShutdownWrite))
}

// SetNoDelay says whether small segments go out at once (RFC 896).
func (c *Conn) SetNoDelay(on bool) error {
	c.ep.SocketOptions().SetDelayOption(!on)
	return nil
}

// SetLinger says what Close does with data that is not acknowledged: less than 0
// seconds send it in the background, 0 throws it away and resets the connection.
func (c *Conn) SetLinger(seconds int) error {
	c.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: seconds >= 0, Timeout: time.Duration(max(seconds, 0)) * time.Second})
	return nil
}

// SetKeepAlive says whether an idle connection is probed (RFC 9293, 3.8.4).
func (c *Conn) SetKeepAlive(on bool) error {
	c.ep.SocketOptions().SetKeepAlive(on)
	return nil
}

// SetKeepAliveConfig says when an idle connection is probed, and how often; values
// that are not positive leave it as it is.
func (c *Conn) SetKeepAliveConfig(config net.KeepAliveConfig) error {
	c.ep.SocketOptions().SetKeepAlive(config.Enable)
	if idle := tcpip.KeepaliveIdleOption(config.Idle); idle > 0 {
		if err := c.ep.SetSockOpt(&idle); err != nil {
			return callError("setsockopt", err)
		}
	}
	if interval := tcpip.KeepaliveIntervalOption(config.Interval); interval > 0 {
		if err := c.ep.SetSockOpt(&interval); err != nil {
			return callError("setsockopt", err)
		}
	}
	if config.Count > 0 {
		return callError("setsockopt", c.ep.SetSockOptInt(tcpip.KeepaliveCountOption, config.Count))
	}
	return nil
}

// callErrorOrEnd is callError, but io.EOF when the other end has nothing more to say.
func callErrorOrEnd(call string, err tcpip.Error) error {
	if _, end := err.(*tcpip.ErrClosedForReceive); end {
		return io.EOF
	}
	return callError(call, err)
}
