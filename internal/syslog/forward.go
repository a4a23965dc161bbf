// Package syslog forwards records to another log host: as RFC 5424 has them, in datagrams (RFC 5426) or
// over TCP with their length in front (RFC 6587, section 3.4.1).
package syslog

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"gasp/internal/plainline"
	"gasp/internal/retry"
)

const (
	// bufferSize is how many bytes wait before they are written to a TCP connection unasked.
	bufferSize = 64 << 10
	// dialPatience is how long connecting may take, with the look-up of the name.
	dialPatience = 10 * time.Second
	// ackPatience is how long the other side may leave what was sent without an answer; then the
	// connection is given up (tcp(7), TCP_USER_TIMEOUT).
	ackPatience = time.Minute
)

// errClosed is for a connection that the other side has closed.
var errClosed = errors.New("the other side closed the connection")

// Forward is a source.Sink. It is for one goroutine, and waits for a slow log host, and for one that is
// not there to come back. What was written to a connection that then breaks may be lost, and is not
// counted: the protocol has no answers.
type Forward struct {
	plainline.Sink
	target  Target
	ctx     context.Context
	retry   retry.Retry
	dialer  net.Dialer
	format  *format
	conn    net.Conn // nil when there is none
	raw     syscall.RawConn
	release func() bool // of the context's hold on conn
	probe   func(fd uintptr)
	ended   bool // what probe found
	said    [1 << 10]byte
	message []byte
	buf     []byte // of whole frames, for TCP
	lost    atomic.Uint64
}

// New returns one that forwards to a target. When ctx is done, it does not wait for the target any more,
// and gives up what it has.
func New(ctx context.Context, to Target, say func(string)) *Forward {
	f := &Forward{target: to, ctx: ctx, retry: retry.Retry{What: "forwarding to " + to.String(), Say: say}, format: newFormat()}
	f.dialer.Timeout = dialPatience
	f.Take, f.probe = f.take, f.look
	if to.Network == "udp" {
		f.retry.Settle = time.Second
	}
	return f
}

// Lost counts the messages that were given up.
func (f *Forward) Lost() uint64 { return f.lost.Load() }

// Flush sends what is buffered.
func (f *Forward) Flush() {
	for len(f.buf) > 0 {
		err := f.connect()
		if err == nil {
			var n int
			n, err = f.conn.Write(f.buf)
			f.buf = append(f.buf[:0], f.buf[whole(f.buf, n):]...)
		}
		if !f.again(err) {
			f.lost.Add(frames(f.buf))
			f.buf = f.buf[:0]
			return
		}
	}
}

// Reopen connects anew.
func (f *Forward) Reopen() {
	f.Flush()
	f.disconnect()
}

// Close sends what is buffered and disconnects.
func (f *Forward) Close() {
	f.Flush()
	f.disconnect()
}

func (f *Forward) take(l *plainline.Line) {
	f.message = f.format.append(f.message[:0], l)
	if f.target.Network == "udp" {
		f.datagram()
		return
	}
	f.buf = strconv.AppendInt(f.buf, int64(len(f.message)), 10)
	f.buf = append(append(f.buf, ' '), f.message...)
	if len(f.buf) >= bufferSize {
		f.Flush()
	}
}

// datagram sends the message as a datagram.
func (f *Forward) datagram() {
	for {
		err := f.connect()
		if err == nil {
			_, err = f.conn.Write(f.message)
		}
		if err == nil {
			f.retry.Worked()
			return
		}
		if errors.Is(err, unix.ECONNREFUSED) && f.conn != nil {
			f.lost.Add(1) // an earlier one; this one was not sent
		}
		if !f.again(err) {
			f.lost.Add(1)
			return
		}
	}
}

// again waits after an error, and says whether there is to be another try.
func (f *Forward) again(err error) bool {
	if err == nil {
		f.retry.Worked()
		return true
	}
	f.disconnect()
	return f.retry.Failed(f.ctx, err)
}

// connect connects, unless there is a connection that the other side has not closed.
func (f *Forward) connect() error {
	if f.conn != nil {
		if f.raw == nil || f.raw.Control(f.probe) == nil && !f.ended {
			return nil
		}
		f.disconnect()
		f.retry.Say(f.retry.What + ": " + errClosed.Error())
	}
	conn, err := f.dialer.DialContext(f.ctx, f.target.Network, f.target.Address)
	if err != nil {
		return err
	}
	f.conn = conn
	f.release = context.AfterFunc(f.ctx, func() { conn.SetWriteDeadline(time.Now()) })
	if tcp, ok := conn.(*net.TCPConn); ok {
		if f.raw, err = tcp.SyscallConn(); err != nil {
			return err
		}
		f.raw.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(ackPatience.Milliseconds()))
		})
	}
	return nil
}

func (f *Forward) disconnect() {
	if f.conn != nil {
		f.release()
		f.conn.Close()
		f.conn, f.raw = nil, nil
	}
}

// look finds out whether the other side has closed the connection, which a write would not tell. What
// it says is dropped.
func (f *Forward) look(fd uintptr) {
	n, err := unix.Read(int(fd), f.said[:]) // Go's sockets do not block
	f.ended = n == 0 && err == nil || err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR)
}

// whole is how many bytes the frames have that are within the first n.
func whole(buf []byte, n int) (end int) {
	for end < n {
		next := end + frame(buf[end:])
		if next > n {
			break
		}
		end = next
	}
	return end
}

// frames is how many frames there are.
func frames(buf []byte) (n uint64) {
	for ; len(buf) > 0; n++ {
		buf = buf[frame(buf):]
	}
	return n
}

// frame is how many bytes the first frame has, which Take made.
func frame(buf []byte) int {
	space := bytes.IndexByte(buf, ' ')
	size := 0
	for _, digit := range buf[:space] {
		size = 10*size + int(digit-'0')
	}
	return space + 1 + size
}
