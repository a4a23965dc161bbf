package qemu

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// MaxRecorded bounds the memory of a Wire's recorded frames, bytes; what comes after is counted only.
	MaxRecorded = 512 << 20

	// Bytes. QEMU queues frames that the socket does not take. A deep buffer keeps that queue empty; without the right
	// to it the system's limit holds, and complete repairs.
	cableDepth  = 8 << 20
	maxFrame    = 68 << 10 // QEMU's NET_BUFSIZE, include/net/net.h
	sendTimeout = 5 * time.Second
	// offerTimeout is short: the wire's one reader may be waiting.
	offerTimeout = time.Millisecond
)

var (
	// ErrAttached says that a Wire already had its machine; it serves one.
	ErrAttached = errors.New("the wire is or was attached to another machine")
	// ErrDetached says that no machine is attached to the Wire.
	ErrDetached = errors.New("no machine is attached to the wire")
)

// Wire is the far end of a machine's network cable. It records every frame the guest sends, answers ARP and neighbor solicitations for Hosts and
// receives what is sent to LogHost. Set the fields before Start; the methods may be called at any time.
type Wire struct {
	// Hosts are the hosts on the link, a log host or a gateway. One that is to be reached directly must be among them.
	Hosts []Host
	// LogHost is whose datagrams are received: with right checksums, and the MAC of one of Hosts or broadcast.
	LogHost netip.AddrPort
	// Others are further log hosts, whose datagrams are received, too.
	Others []netip.AddrPort
	// VLAN is the one that all hosts are in; 0: frames have no tag.
	VLAN uint16
	// Deliver, if set, is called with each datagram to LogHost, in order, from the one goroutine that also answers ARP.
	Deliver func(Datagram)
	// Forward, if set, gets the payload of each datagram to LogHost by UDP: a receiver's address on loopback.
	Forward netip.AddrPort
	// Drop, if set, says which of the guest's frames the cable loses. They are recorded as Lost.
	Drop func(frame []byte) bool

	mu        sync.Mutex
	conn      net.Conn
	forward   net.Conn
	started   time.Time
	requests  []int // for their stations, by Host
	frames    []Frame
	datagrams []Datagram
	recorded  int // bytes
	counts    Counts
	drained   chan struct{} // closed when the last frame is recorded
}

// Counts are a Wire's statistics, in frames.
type Counts struct {
	Frames     int // sent by the guest, whatever became of them
	Datagrams  int // to LogHost
	Lost       int // by Drop
	Bad        int // IP with a wrong length or checksum, to whomever
	Unrecorded int // beyond MaxRecorded
	Unsent     int // answers the guest did not take, and datagrams that Forward refused
	Missed     int // dropped by QEMU on the way to the wire, because this process was far too slow
}

// Frames returns what the guest has sent so far, in order.
func (w *Wire) Frames() []Frame {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.frames[:len(w.frames):len(w.frames)]
}

// Datagrams returns what LogHost has received so far, in order.
func (w *Wire) Datagrams() []Datagram {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.datagrams[:len(w.datagrams):len(w.datagrams)]
}

// Counts returns the statistics so far.
func (w *Wire) Counts() Counts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts
}

// Send puts a frame on the cable towards the guest.
func (w *Wire) Send(frame []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.send(frame, sendTimeout)
}

// offer is Send for a frame that may get lost: a guest that does not look at its card takes none.
func (w *Wire) offer(frame []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.send(frame, offerTimeout)
}

// attached is ErrDetached if there is no machine.
func (w *Wire) attached() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return fmt.Errorf("qemu: %w", ErrDetached)
	}
	return nil
}

func (w *Wire) send(frame []byte, timeout time.Duration) error {
	if w.conn == nil {
		return fmt.Errorf("qemu: %w", ErrDetached)
	}
	w.conn.SetWriteDeadline(time.Now().Add(timeout))
	if _, err := w.conn.Write(frame); err != nil {
		return fmt.Errorf("qemu: frame to the guest: %w", err)
	}
	return nil
}

// attach opens the cable and returns the guest's end of it.
func (w *Wire) attach(started time.Time) (*os.File, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.drained != nil {
		return nil, fmt.Errorf("qemu: %w", ErrAttached)
	}
	conn, guest, err := socketpair(syscall.SOCK_DGRAM)
	if err != nil {
		return nil, err
	}
	if unix.SetsockoptInt(int(guest.Fd()), unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, cableDepth) != nil {
		unix.SetsockoptInt(int(guest.Fd()), unix.SOL_SOCKET, unix.SO_SNDBUF, cableDepth)
	}
	if w.Forward.IsValid() {
		if w.forward, err = net.Dial("udp", w.Forward.String()); err != nil {
			conn.Close()
			guest.Close()
			return nil, fmt.Errorf("qemu: %w", err)
		}
	}
	w.conn, w.started, w.requests, w.drained = conn, started, make([]int, len(w.Hosts)), make(chan struct{})
	go w.read(conn)
	return guest, nil
}

// detach is called when QEMU is gone. It returns when everything that the guest has sent is received, with the help of
// QEMU's capture if there is one.
func (w *Wire) detach(capture io.Reader) {
	w.conn.SetReadDeadline(time.Unix(1, 0))
	<-w.drained
	w.mu.Lock()
	w.conn.Close()
	w.conn = nil
	w.mu.Unlock()
	if capture != nil {
		w.complete(capture)
	}
	if w.forward != nil {
		w.forward.Close()
	}
}

func (w *Wire) read(conn net.Conn) {
	defer close(w.drained)
	buf := make([]byte, maxFrame)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			break
		}
		w.receive(buf[:n])
	}
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		for {
			n, _, err := unix.Recvfrom(int(fd), buf, unix.MSG_DONTWAIT)
			if err != nil {
				return
			}
			w.receive(buf[:n])
		}
	})
}

// complete reads what QEMU captured on the way to its queue (net/queue.c). It drops what the queue still
// holds when the machine ends, which is received here, late; and what comes when the queue holds 10,000 frames, which
// is counted as missed.
func (w *Wire) complete(capture io.Reader) {
	received, n := w.Counts().Frames, 0
	prefix := true // the wire has the first frames of the capture, all of them
	for f, err := range pcapFrames(capture, w.started) {
		if err != nil {
			break // QEMU was killed while it wrote
		}
		n++
		if n == received && received == len(w.frames) {
			prefix = bytes.Equal(f.Data, w.frames[n-1].Data)
		}
		if n > received && prefix {
			w.receive(f.Data)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.Missed = max(0, n-w.counts.Frames)
}
