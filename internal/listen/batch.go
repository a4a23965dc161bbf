package listen

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cacheLine keeps the buffers of a batch from falling on the same lines of the processor's cache.
const cacheLine = 64

// controlSize is room for the control message of SO_RXQ_OVFL.
var controlSize = unix.CmsgSpace(4)

// message is struct mmsghdr (recvmmsg(2)).
type message struct {
	header unix.Msghdr
	size   uint32
}

// batch is the memory into which the kernel puts datagrams, always the same.
type batch struct {
	messages []message
	vectors  []unix.Iovec
	names    []unix.RawSockaddrInet6 // an IPv4 address fits
	control  []byte
	buffers  [][]byte
	list     []Datagram
	count    int // received last
}

func (b *batch) prepare(via, keep int) {
	b.messages = make([]message, batchSize)
	b.vectors = make([]unix.Iovec, batchSize)
	b.names = make([]unix.RawSockaddrInet6, batchSize)
	b.control = make([]byte, batchSize*controlSize)
	b.buffers = make([][]byte, batchSize)
	b.list = make([]Datagram, batchSize)
	// An odd number of cache lines.
	stride := ((keep+cacheLine-1)/cacheLine | 1) * cacheLine
	memory := make([]byte, batchSize*stride)
	for i := range b.messages {
		b.buffers[i] = memory[i*stride:][:keep:keep]
		b.vectors[i].Base = unsafe.SliceData(b.buffers[i])
		b.vectors[i].SetLen(keep)
		h := &b.messages[i].header
		h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
		h.Iov = &b.vectors[i]
		h.SetIovlen(1)
		h.Control = &b.control[i*controlSize]
		b.ask(i)
		b.list[i].Via = via
	}
}

// ask says how much room a message has, which the kernel writes over.
func (b *batch) ask(i int) {
	b.messages[i].header.Namelen = unix.SizeofSockaddrInet6
	b.messages[i].header.SetControllen(controlSize)
}

// receive takes what has come, without waiting; unix.EAGAIN says that it is nothing.
func (b *batch) receive(fd int) error {
	// MSG_TRUNC has the kernel say how large a datagram was that did not fit (recv(2)). It does not wait, so
	// Go's scheduler need not know of it, whose monitor would wake up each time.
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages[0])), batchSize,
		unix.MSG_DONTWAIT|unix.MSG_TRUNC, 0, 0)
	if errno != 0 {
		b.count = 0
		return errno
	}
	b.count = int(n)
	return nil
}

// datagrams is what was received last, and how many the socket had dropped before the last of them came.
func (b *batch) datagrams(at time.Time, z *zones) (list []Datagram, dropped uint32) {
	list = b.list[:b.count]
	for i := range list {
		d, m := &list[i], &b.messages[i]
		d.At = at
		d.From = z.addrPort(&b.names[i])
		d.Size = int(m.size)
		d.Data = b.buffers[i][:min(d.Size, len(b.buffers[i]))]
		if n := int(m.header.Controllen); n > 0 {
			dropped = overflow(b.control[i*controlSize:][:min(n, controlSize)])
		}
		b.ask(i)
	}
	return list, dropped
}

// overflow finds the count of dropped datagrams that comes with SO_RXQ_OVFL, the only control message
// that is asked for. There is none as long as nothing was dropped.
func overflow(control []byte) uint32 {
	if len(control) < unix.CmsgLen(4) {
		return 0
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	if header.Level != unix.SOL_SOCKET || header.Type != unix.SO_RXQ_OVFL {
		return 0
	}
	return binary.NativeEndian.Uint32(control[unix.CmsgLen(0):])
}
