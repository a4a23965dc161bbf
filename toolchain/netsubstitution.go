package toolchain

// Package net asks a network stack of the program's for its sockets, as TamaGo's
// distribution of Go does (net.SocketFunc), and not the kernel, which has none.
// _goroot/net/gasp_socket.go holds what is put between.

// A detour is a function of package net that begins with a look at whether the
// socket is a network stack's. If so, call is what it returns.
type detour struct{ file, function, call string }

var detours = []detour{
	{"fd_posix.go", "func (fd *netFD) shutdown(how int) error {\n", "fd.gaspShutdown(how)"},
	{"fd_posix.go", "func (fd *netFD) Read(p []byte) (n int, err error) {\n", "fd.gaspRead(p)"},
	{"fd_posix.go", "func (fd *netFD) readFrom(p []byte) (n int, sa syscall.Sockaddr, err error) {\n", "fd.gaspReadFrom(p)"},
	{"fd_posix.go", "func (fd *netFD) readFromInet4(p []byte, from *syscall.SockaddrInet4) (n int, err error) {\n", "fd.gaspReadFromInet4(p, from)"},
	{"fd_posix.go", "func (fd *netFD) readFromInet6(p []byte, from *syscall.SockaddrInet6) (n int, err error) {\n", "fd.gaspReadFromInet6(p, from)"},
	{"fd_posix.go", "func (fd *netFD) readMsg(p []byte, oob []byte, flags int) (n, oobn, retflags int, sa syscall.Sockaddr, err error) {\n", "fd.gaspReadMsg(p)"},
	{"fd_posix.go", "func (fd *netFD) readMsgInet4(p []byte, oob []byte, flags int, sa *syscall.SockaddrInet4) (n, oobn, retflags int, err error) {\n", "fd.gaspReadMsgInet4(p, sa)"},
	{"fd_posix.go", "func (fd *netFD) readMsgInet6(p []byte, oob []byte, flags int, sa *syscall.SockaddrInet6) (n, oobn, retflags int, err error) {\n", "fd.gaspReadMsgInet6(p, sa)"},
	{"fd_posix.go", "func (fd *netFD) Write(p []byte) (nn int, err error) {\n", "fd.gaspWrite(p)"},
	{"fd_posix.go", "func (fd *netFD) writeTo(p []byte, sa syscall.Sockaddr) (n int, err error) {\n", "fd.gaspWriteTo(p, sa)"},
	{"fd_posix.go", "func (fd *netFD) writeToInet4(p []byte, sa *syscall.SockaddrInet4) (n int, err error) {\n", "fd.gaspWriteTo(p, sa)"},
	{"fd_posix.go", "func (fd *netFD) writeToInet6(p []byte, sa *syscall.SockaddrInet6) (n int, err error) {\n", "fd.gaspWriteTo(p, sa)"},
	{"fd_posix.go", "func (fd *netFD) writeMsg(p []byte, oob []byte, sa syscall.Sockaddr) (n int, oobn int, err error) {\n", "fd.gaspWriteMsg(p, oob, sa)"},
	{"fd_posix.go", "func (fd *netFD) writeMsgInet4(p []byte, oob []byte, sa *syscall.SockaddrInet4) (n int, oobn int, err error) {\n", "fd.gaspWriteMsg(p, oob, gaspInet4(sa))"},
	{"fd_posix.go", "func (fd *netFD) writeMsgInet6(p []byte, oob []byte, sa *syscall.SockaddrInet6) (n int, oobn int, err error) {\n", "fd.gaspWriteMsg(p, oob, gaspInet6(sa))"},
	{"fd_posix.go", "func (fd *netFD) SetDeadline(t time.Time) error {\n", "fd.gasp.(gaspDeadlines).SetDeadline(t)"},
	{"fd_posix.go", "func (fd *netFD) SetReadDeadline(t time.Time) error {\n", "fd.gasp.(gaspDeadlines).SetReadDeadline(t)"},
	{"fd_posix.go", "func (fd *netFD) SetWriteDeadline(t time.Time) error {\n", "fd.gasp.(gaspDeadlines).SetWriteDeadline(t)"},
	{"fd_unix.go", "func (fd *netFD) accept() (netfd *netFD, err error) {\n", "fd.gaspAccept()"},
	{"fd_unix.go", "func (fd *netFD) dup() (f *os.File, err error) {\n", "nil, gaspUnsupported(\"dup\")"},
	{"writev_unix.go", "func (fd *netFD) writeBuffers(v *Buffers) (n int64, err error) {\n", "fd.gaspWriteBuffers(v)"},
	{"sockopt_posix.go", "func setReadBuffer(fd *netFD, bytes int) error {\n", "fd.gaspSetReadBuffer(bytes)"},
	{"sockopt_posix.go", "func setWriteBuffer(fd *netFD, bytes int) error {\n", "fd.gaspSetWriteBuffer(bytes)"},
	{"sockopt_posix.go", "func setKeepAlive(fd *netFD, keepalive bool) error {\n", "fd.gaspSetKeepAlive(keepalive)"},
	{"sockopt_posix.go", "func setLinger(fd *netFD, sec int) error {\n", "fd.gaspSetLinger(sec)"},
	{"tcpsockopt_posix.go", "func setNoDelay(fd *netFD, noDelay bool) error {\n", "fd.gaspSetNoDelay(noDelay)"},
	{"tcpsockopt_unix.go", "func setKeepAliveIdle(fd *netFD, d time.Duration) error {\n", "fd.gaspSetKeepAliveIdle(d)"},
	{"tcpsockopt_unix.go", "func setKeepAliveInterval(fd *netFD, d time.Duration) error {\n", "fd.gaspSetKeepAliveInterval(d)"},
	{"tcpsockopt_unix.go", "func setKeepAliveCount(fd *netFD, n int) error {\n", "fd.gaspSetKeepAliveCount(n)"},
}

// netSubstitutions is what else package net needs.
var netSubstitutions = []substitution{
	{"net/fd_posix.go", "type netFD struct {\n", "type netFD struct {\n\tgasp any // a network stack's socket: Conn, PacketConn or Listener\n\n", 1},
	{"net/fd_posix.go", "\treturn fd.pfd.Close()\n", "\tif fd.gasp != nil {\n\t\treturn fd.gaspClose()\n\t}\n\treturn fd.pfd.Close()\n", 1},
	{"net/sock_posix.go", "(fd *netFD, err error) {\n\ts, err := sysSocket(family, sotype, proto)\n",
		"(fd *netFD, err error) {\n\tif family != syscall.AF_UNIX {\n\t\treturn gaspSocket(ctx, net, family, sotype, laddr, raddr, ctrlCtxFn)\n\t}\n\ts, err := sysSocket(family, sotype, proto)\n", 1},
	{"net/ipsock_posix.go", "func (p *ipStackCapabilities) probe() {\n",
		"func (p *ipStackCapabilities) probe() {\n\tif SocketFunc != nil {\n\t\tp.ipv4Enabled, p.ipv6Enabled, p.ipv4MappedIPv6Enabled = true, true, true\n\t\treturn\n\t}\n", 1},
	{"net/rawconn.go", "return c != nil && c.fd != nil }", "return c != nil && c.fd != nil && c.fd.gasp == nil }", 1},
	// What copies inside the kernel does not copy here.
	{"net/splice_linux.go", "func spliceFrom(c *netFD, r io.Reader) (written int64, err error, handled bool) {\n",
		"func spliceFrom(c *netFD, r io.Reader) (written int64, err error, handled bool) {\n\tif c.gasp != nil {\n\t\treturn 0, nil, false\n\t}\n", 1},
	{"net/splice_linux.go", "func spliceTo(w io.Writer, c *netFD) (written int64, err error, handled bool) {\n",
		"func spliceTo(w io.Writer, c *netFD) (written int64, err error, handled bool) {\n\tif c.gasp != nil {\n\t\treturn 0, nil, false\n\t}\n", 1},
	{"net/sendfile.go", "func sendFile(c *netFD, r io.Reader) (written int64, err error, handled bool) {\n",
		"func sendFile(c *netFD, r io.Reader) (written int64, err error, handled bool) {\n\tif c.gasp != nil {\n\t\treturn 0, nil, false\n\t}\n", 1},
}

func detourSubstitutions() (all []substitution) {
	for _, d := range detours {
		all = append(all, substitution{"net/" + d.file, d.function, d.function + "\tif fd.gasp != nil {\n\t\treturn " + d.call + "\n\t}\n", 1})
	}
	return all
}
