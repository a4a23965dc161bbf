package listen

import (
	"errors"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// batchSize is how many datagrams at most are taken from the kernel at once.
	batchSize = 128
	// pause is how long reading rests after an error, so that a lasting one does not spin.
	pause = 50 * time.Millisecond
	// drainTime is how long Close takes what waits in the kernel, for more may come all the time.
	drainTime = time.Second
	// cacheLine keeps the buffers of a batch from falling on the same lines of the processor's cache.
	cacheLine = 64
)

// controlSize is room for the control message of SO_RXQ_OVFL.
var controlSize = unix.CmsgSpace(4)

// message is struct mmsghdr (recvmmsg(2)).
type message struct {
	header unix.Msghdr
	size   uint32
}

// reader takes the datagrams of one socket, always into the same memory.
type reader struct {
	socket   *socket
	listener *Listener
	messages []message
	vectors  []unix.Iovec
	names    []unix.RawSockaddrInet6 // an IPv4 address fits
	control  []byte
	batch    []Datagram
	buffers  [][]byte

	receive func(fd uintptr) (done bool)
	count   int
	err     error
}

func newReader(l *Listener, via int) *reader {
	r := &reader{
		socket:   l.sockets[via],
		listener: l,
		messages: make([]message, batchSize),
		vectors:  make([]unix.Iovec, batchSize),
		names:    make([]unix.RawSockaddrInet6, batchSize),
		control:  make([]byte, batchSize*controlSize),
		batch:    make([]Datagram, batchSize),
		buffers:  make([][]byte, batchSize),
	}
	r.receive = r.recvmmsg
	// An odd number of cache lines.
	stride := ((l.options.Keep+cacheLine-1)/cacheLine | 1) * cacheLine
	memory := make([]byte, batchSize*stride)
	for i := range r.messages {
		r.buffers[i] = memory[i*stride:][:l.options.Keep:l.options.Keep]
		r.vectors[i].Base = unsafe.SliceData(r.buffers[i])
		r.vectors[i].SetLen(l.options.Keep)
		h := &r.messages[i].header
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		h.Iov = &r.vectors[i]
		h.SetIovlen(1)
		h.Control = &r.control[i*controlSize]
		r.ask(i)
		r.batch[i].Via = via
	}
	return r
}

// ask says how much room a message has, which the kernel writes over.
func (r *reader) ask(i int) {
	r.messages[i].header.Namelen = unix.SizeofSockaddrInet6
	r.messages[i].header.SetControllen(controlSize)
}

func (r *reader) run(handle Handler) {
	for {
		err := r.socket.raw.Read(r.receive)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			r.drain(handle)
			return
		case err != nil:
			return
		case r.err != nil:
			r.listener.errors.Add(1)
			time.Sleep(pause)
		default:
			handle(r.datagrams())
		}
	}
}

// drain hands on what waits in the kernel.
func (r *reader) drain(handle Handler) {
	for end := time.Now().Add(drainTime); time.Now().Before(end); handle(r.datagrams()) {
		again := true
		if r.socket.raw.Control(func(fd uintptr) { again = r.recvmmsg(fd) }) != nil || !again || r.err != nil {
			return
		}
	}
}

// recvmmsg takes what has come, and returns false if that is nothing.
func (r *reader) recvmmsg(fd uintptr) (done bool) {
	for {
		// MSG_TRUNC has the kernel say how large a datagram was that did not fit (recv(2)).
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.messages[0])), batchSize, unix.MSG_DONTWAIT|unix.MSG_TRUNC, 0, 0)
		switch errno {
		case 0:
			r.count, r.err = int(n), nil
			return true
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default:
			r.count, r.err = 0, errno
			return true
		}
	}
}

// datagrams is what the last call of recvmmsg took.
func (r *reader) datagrams() []Datagram {
	now := time.Now()
	batch := r.batch[:r.count]
	for i := range batch {
		d, m := &batch[i], &r.messages[i]
		d.At = now
		d.From = r.listener.zones.addrPort(&r.names[i])
		d.Size = int(m.size)
		d.Data = r.buffers[i][:min(d.Size, len(r.buffers[i]))]
		if m.header.Controllen > 0 && i == len(batch)-1 {
			// The last one's count is the newest.
			if count, ok := overflow(r.control[i*controlSize:][:min(int(m.header.Controllen), controlSize)]); ok {
				r.socket.drops.heard(count)
			}
		}
		r.ask(i)
	}
	return batch
}
