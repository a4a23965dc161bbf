package net

import (
	"context"
	"os"
	"runtime"
	"syscall"
	"time"
)

// SocketFunc makes the sockets of network families, if a network stack has set it
// before any is asked for. It is called as TamaGo's distribution of Go does
// (net_tamago.go): laddr and raddr are *TCPAddr or *UDPAddr, or nil for none; what it
// returns is a Listener (a stream without raddr), a Conn, or both a Conn and a
// PacketConn. A socket may have more: CloseRead, CloseWrite, SetReadBuffer,
// SetWriteBuffer, SetNoDelay, SetLinger, SetKeepAliveConfig, as *TCPConn and *UDPConn
// have them.
var SocketFunc func(ctx context.Context, net string, family, sotype int, laddr, raddr Addr) (any, error)

// gaspNoStack is why there is no socket: of a type that package net's errors may hold.
const gaspNoStack = InvalidAddrError("no network stack in this image: import gasp/netstack")

// A gaspUnopened stands for a socket that its Control function gets to see.
type gaspUnopened struct{}

// gaspSocket is socket by SocketFunc.
func gaspSocket(ctx context.Context, net string, family, sotype int, laddr, raddr sockaddr, control func(context.Context, string, string, syscall.RawConn) error) (*netFD, error) {
	if SocketFunc == nil {
		return nil, gaspNoStack
	}
	fd := &netFD{family: family, sotype: sotype, net: net, gasp: gaspUnopened{}}
	local, remote := gaspAddr(laddr), gaspAddr(raddr)
	if control != nil {
		address := ""
		if remote != nil {
			address = remote.String()
		} else if local != nil {
			address = local.String()
		}
		if err := control(ctx, fd.ctrlNetwork(), address, newRawConn(fd)); err != nil {
			return nil, err
		}
	}
	c, err := SocketFunc(ctx, net, family, sotype, local, remote)
	if err != nil {
		return nil, mapErr(err)
	}
	fd.gasp = c
	switch c := c.(type) {
	case Listener:
		fd.setAddr(c.Addr(), nil)
	case Conn:
		fd.isConnected = remote != nil
		fd.setAddr(c.LocalAddr(), c.RemoteAddr())
	default:
		return nil, gaspUnsupported("socket")
	}
	return fd, nil
}

// gaspAddr is nil for an address that is a nil pointer.
func gaspAddr(a sockaddr) Addr {
	switch a := a.(type) {
	case *TCPAddr:
		if a != nil {
			return a
		}
	case *UDPAddr:
		if a != nil {
			return a
		}
	case *IPAddr:
		if a != nil {
			return a
		}
	}
	return nil
}

func gaspUnsupported(call string) error { return os.NewSyscallError(call, syscall.EOPNOTSUPP) }

func (fd *netFD) gaspClose() error {
	if c, ok := fd.gasp.(interface{ Close() error }); ok {
		return c.Close()
	}
	return nil
}

func (fd *netFD) gaspAccept() (*netFD, error) {
	l, ok := fd.gasp.(Listener)
	if !ok {
		return nil, os.NewSyscallError("accept", syscall.EINVAL)
	}
	c, err := l.Accept()
	runtime.KeepAlive(fd)
	if err != nil {
		return nil, err
	}
	accepted := &netFD{family: fd.family, sotype: fd.sotype, net: fd.net, isConnected: true, gasp: c}
	accepted.setAddr(c.LocalAddr(), c.RemoteAddr())
	return accepted, nil
}

func (fd *netFD) gaspRead(p []byte) (int, error) {
	n, err := fd.gasp.(Conn).Read(p)
	runtime.KeepAlive(fd)
	return n, err
}

func (fd *netFD) gaspWrite(p []byte) (int, error) {
	n, err := fd.gasp.(Conn).Write(p)
	runtime.KeepAlive(fd)
	return n, err
}

func (fd *netFD) gaspWriteBuffers(v *Buffers) (n int64, err error) {
	for len(*v) > 0 {
		wrote, err := fd.gaspWrite((*v)[0])
		n += int64(wrote)
		v.consume(int64(wrote))
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// gaspReceive reads a datagram, and says from where.
func (fd *netFD) gaspReceive(p []byte) (n int, from *UDPAddr, err error) {
	c, ok := fd.gasp.(PacketConn)
	if !ok {
		return 0, nil, gaspUnsupported("recvfrom")
	}
	n, a, err := c.ReadFrom(p)
	runtime.KeepAlive(fd)
	if err != nil {
		return n, nil, err
	}
	if from, ok = a.(*UDPAddr); !ok {
		return n, nil, gaspUnsupported("recvfrom")
	}
	return n, from, nil
}

func (fd *netFD) gaspReadFrom(p []byte) (n int, sa syscall.Sockaddr, err error) {
	n, from, err := fd.gaspReceive(p)
	if err == nil {
		sa, err = ipToSockaddr(fd.family, from.IP, from.Port, from.Zone)
	}
	return n, sa, err
}

func (fd *netFD) gaspReadFromInet4(p []byte, sa *syscall.SockaddrInet4) (n int, err error) {
	n, from, err := fd.gaspReceive(p)
	if err == nil {
		*sa, err = ipToSockaddrInet4(from.IP, from.Port)
	}
	return n, err
}

func (fd *netFD) gaspReadFromInet6(p []byte, sa *syscall.SockaddrInet6) (n int, err error) {
	n, from, err := fd.gaspReceive(p)
	if err == nil {
		*sa, err = ipToSockaddrInet6(from.IP, from.Port, from.Zone)
	}
	return n, err
}

func (fd *netFD) gaspReadMsg(p []byte) (n, oobn, flags int, sa syscall.Sockaddr, err error) {
	n, sa, err = fd.gaspReadFrom(p)
	return n, 0, 0, sa, err
}

func (fd *netFD) gaspReadMsgInet4(p []byte, sa *syscall.SockaddrInet4) (n, oobn, flags int, err error) {
	n, err = fd.gaspReadFromInet4(p, sa)
	return n, 0, 0, err
}

func (fd *netFD) gaspReadMsgInet6(p []byte, sa *syscall.SockaddrInet6) (n, oobn, flags int, err error) {
	n, err = fd.gaspReadFromInet6(p, sa)
	return n, 0, 0, err
}

func (fd *netFD) gaspWriteTo(p []byte, sa syscall.Sockaddr) (int, error) {
	c, ok := fd.gasp.(PacketConn)
	if !ok {
		return 0, gaspUnsupported("sendto")
	}
	to := sockaddrToUDP(sa)
	if to == nil {
		return 0, os.NewSyscallError("sendto", syscall.EINVAL)
	}
	n, err := c.WriteTo(p, to)
	runtime.KeepAlive(fd)
	return n, err
}

func (fd *netFD) gaspWriteMsg(p, oob []byte, sa syscall.Sockaddr) (n, oobn int, err error) {
	if len(oob) > 0 {
		return 0, 0, gaspUnsupported("sendmsg")
	}
	if sa == nil {
		n, err = fd.gaspWrite(p)
	} else {
		n, err = fd.gaspWriteTo(p, sa)
	}
	return n, 0, err
}

// gaspInet4 and gaspInet6 are nil for a nil pointer.
func gaspInet4(sa *syscall.SockaddrInet4) syscall.Sockaddr {
	if sa == nil {
		return nil
	}
	return sa
}

func gaspInet6(sa *syscall.SockaddrInet6) syscall.Sockaddr {
	if sa == nil {
		return nil
	}
	return sa
}

func (fd *netFD) gaspShutdown(how int) (err error) {
	err = os.NewSyscallError("shutdown", syscall.ENOTCONN)
	switch how {
	case syscall.SHUT_RD:
		if c, ok := fd.gasp.(interface{ CloseRead() error }); ok {
			err = c.CloseRead()
		}
	case syscall.SHUT_WR:
		if c, ok := fd.gasp.(interface{ CloseWrite() error }); ok {
			err = c.CloseWrite()
		}
	}
	runtime.KeepAlive(fd)
	return err
}

type gaspDeadlines interface {
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

func (fd *netFD) gaspSetReadBuffer(bytes int) error {
	if c, ok := fd.gasp.(interface{ SetReadBuffer(int) error }); ok {
		return c.SetReadBuffer(bytes)
	}
	return gaspUnsupported("setsockopt")
}

func (fd *netFD) gaspSetWriteBuffer(bytes int) error {
	if c, ok := fd.gasp.(interface{ SetWriteBuffer(int) error }); ok {
		return c.SetWriteBuffer(bytes)
	}
	return gaspUnsupported("setsockopt")
}

func (fd *netFD) gaspSetNoDelay(on bool) error {
	if c, ok := fd.gasp.(interface{ SetNoDelay(bool) error }); ok {
		return c.SetNoDelay(on)
	}
	return gaspUnsupported("setsockopt")
}

func (fd *netFD) gaspSetLinger(seconds int) error {
	if c, ok := fd.gasp.(interface{ SetLinger(int) error }); ok {
		return c.SetLinger(seconds)
	}
	return gaspUnsupported("setsockopt")
}

func (fd *netFD) gaspSetKeepAlive(on bool) error {
	if c, ok := fd.gasp.(interface{ SetKeepAlive(bool) error }); ok {
		return c.SetKeepAlive(on)
	}
	return gaspUnsupported("setsockopt")
}

// Of a keep-alive configuration 0 is the default, and less leaves it as it is.
func (fd *netFD) gaspSetKeepAliveIdle(d time.Duration) error {
	if d == 0 {
		d = defaultTCPKeepAliveIdle
	}
	return fd.gaspConfigure(KeepAliveConfig{Enable: true, Idle: d, Interval: -1, Count: -1})
}

func (fd *netFD) gaspSetKeepAliveInterval(d time.Duration) error {
	if d == 0 {
		d = defaultTCPKeepAliveInterval
	}
	return fd.gaspConfigure(KeepAliveConfig{Enable: true, Idle: -1, Interval: d, Count: -1})
}

func (fd *netFD) gaspSetKeepAliveCount(n int) error {
	if n == 0 {
		n = defaultTCPKeepAliveCount
	}
	return fd.gaspConfigure(KeepAliveConfig{Enable: true, Idle: -1, Interval: -1, Count: n})
}

func (fd *netFD) gaspConfigure(config KeepAliveConfig) error {
	if c, ok := fd.gasp.(interface {
		SetKeepAliveConfig(KeepAliveConfig) error
	}); ok {
		return c.SetKeepAliveConfig(config)
	}
	return gaspUnsupported("setsockopt")
}
