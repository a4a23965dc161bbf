package e1000

import (
	"sync/atomic"
	"unsafe"
)

// A legacy descriptor is 16 bytes (SDM 3.2.3, 3.3.3): buffer address, then for
// transmit length, CSO, CMD in word 2 and STA, CSS, special in word 3; for
// receive length, checksum in word 2 and status, errors, special in word 3.
const descriptorSize = 16

// Words 2 and 3 of a transmit descriptor, SDM 3.3.3.
const (
	txEOP     = 1 << 24
	txIFCS    = 1 << 25
	txRS      = 1 << 27
	txDD      = 1 << 0
	txEC      = 1 << 1  // excess collisions
	txLC      = 1 << 2  // late collision
	txScrub   = 1 << 16 // of the special field, which counts with VLE alone: no frame of anybody's
	txCommand = txEOP | txIFCS | txRS
)

// Words 2 and 3 of a receive descriptor, SDM 3.2.3.1 and 3.2.3.2.
const (
	rxLength = 0xFFFF
	rxDD     = 1 << 0
	rxEOP    = 1 << 1
	rxErrors = (0x01 | 0x02 | 0x04 | 0x10 | 0x80) << 8 // CE, SE, SEQ, CXE, RXE; not the checksums
)

// ring is descriptors and one buffer for each, in memory that the device
// reaches. The numbers of descriptors are powers of two, so that any number
// masked is an index: what memory holds at a crash cannot lead outside.
type ring struct {
	desc     []byte
	buffers  []byte
	descPhys uint64
	bufPhys  uint64
	mask     uint32
}

// bufferSize is the room for one frame, RCTL.BSIZE 00.
const bufferSize = 2048

func (r *ring) length() uint32 { return (r.mask + 1) * descriptorSize }

func (r *ring) buffer(i uint32) []byte {
	o := (i & r.mask) * bufferSize
	return r.buffers[o : o+bufferSize : o+bufferSize]
}

// word is one aligned 32-bit word of a descriptor. Loads and stores of it are
// atomic, which keeps the order that the program states: x86 does so by itself,
// the compiler and weaker machines do so for atomics.
func (r *ring) word(i, n uint32) *uint32 {
	return (*uint32)(unsafe.Pointer(&r.desc[(i&r.mask)*descriptorSize+n*4]))
}

func (r *ring) load(i, n uint32) uint32 { return atomic.LoadUint32(r.word(i, n)) }

func (r *ring) store(i, n, v uint32) { atomic.StoreUint32(r.word(i, n), v) }

// room is the buffer of the descriptor at the tail.
func (t transmitter) room() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(t.buffers)), uintptr(t.tail&t.mask)*bufferSize)), bufferSize)
}

// give is put for a frame that begins so many bytes into its buffer: the address, then command, length and status at
// once.
func (r *ring) give(i, at, word2 uint32) {
	p := (*[2]uint64)(unsafe.Pointer(r.word(i, 0)))
	p[0] = r.bufPhys + uint64(i&r.mask)*bufferSize + uint64(at)
	atomic.StoreUint64(&p[1], uint64(word2))
}

// put writes a whole descriptor, status last.
func (r *ring) put(i, word2 uint32) {
	a := r.bufPhys + uint64(i&r.mask)*bufferSize
	p := (*[4]uint32)(unsafe.Pointer(r.word(i, 0)))
	p[0], p[1], p[2] = uint32(a), uint32(a>>32), word2
	atomic.StoreUint32(&p[3], 0)
}

// ours tells whether a transmit descriptor is one that put wrote: command and
// length, which the hardware leaves alone when it reports the status.
func (r *ring) ours(i uint32) bool {
	n := r.load(i, 2) - txCommand
	return n >= minFrame && n <= MaxFrame
}

// fill makes every transmit descriptor one that is done, so that from then on one
// without DD is a frame on its way.
func (r *ring) fill() {
	for i := uint32(0); i <= r.mask; i++ {
		r.put(i, txCommand|minFrame)
		r.store(i, 3, txDD)
	}
}

// points tells whether a descriptor has the address of its buffer.
func (r *ring) points(i uint32) bool {
	i &= r.mask
	return *(*uint64)(unsafe.Pointer(r.word(i, 0))) == r.bufPhys+uint64(i)*bufferSize
}
