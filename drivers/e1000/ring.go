package e1000

import (
	"sync/atomic"
	"unsafe"
)

// A descriptor is 16 bytes, in one of two layouts. Both begin with the buffer's address.
//
// Legacy (SDM 3.2.3, 3.3.3): for transmit length, CSO, CMD in word 2 and STA, CSS,
// special in word 3; for receive length, checksum in word 2 and status, errors, special in
// word 3. Advanced (Linux, igb/e1000_82575.h, e1000_adv_tx_desc and e1000_adv_rx_desc): for transmit
// length, DTYP, DCMD in word 2 and STA, PAYLEN in word 3; for receive, written over the
// addresses, status and errors in word 2 and length, VLAN in word 3.
const descriptorSize = 16

// Words 2 and 3 of a transmit descriptor.
const (
	txEOP     = 1 << 24
	txIFCS    = 1 << 25
	txRS      = 1 << 27
	txDD      = 1 << 0
	txEC      = 1 << 1  // legacy: excess collisions
	txLC      = 1 << 2  // legacy: late collision
	txScrub   = 1 << 16 // legacy, of the special field, which counts with VLE alone: no frame of anybody's
	txCommand = txEOP | txIFCS | txRS

	txData    = 3 << 20 // advanced: DTYP
	txDEXT    = 1 << 29 // advanced
	txPayload = 14      // advanced: where PAYLEN begins in word 3
)

// Words 2 and 3 of a receive descriptor.
const (
	rxLength = 0xFFFF
	rxDD     = 1 << 0
	rxEOP    = 1 << 1
	rxErrors = (0x01 | 0x02 | 0x04 | 0x10 | 0x80) << 8 // legacy, SDM 3.2.3.2: CE, SE, SEQ, CXE, RXE; not the checksums
	rxRXE    = 1 << 31                                 // advanced: the MAC's errors
)

// layout is how the two layouts differ.
type layout struct {
	command  uint64 // words 2 and 3 of a whole frame, less its length
	lengths  uint64 // times its length
	ownAlone uint32 // bits of word 3 that say that no frame is on its way
	status   uint32 // the word of a receive descriptor with its status; the other one has the length
	errors   uint32 // of that status
	advanced bool
}

var (
	legacy   = layout{command: txCommand, lengths: 1, ownAlone: txDD | txScrub, status: 3, errors: rxErrors}
	advanced = layout{command: txCommand | txData | txDEXT, lengths: 1 | 1<<(32+txPayload), ownAlone: txDD, status: 2, errors: rxRXE, advanced: true}
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
	layout
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

// give writes the descriptor of a frame of n bytes that begins so many bytes into its buffer: the address, then command,
// length and status at once.
func (r *ring) give(i, at, n uint32) {
	p := (*[2]uint64)(unsafe.Pointer(r.word(i, 0)))
	p[0] = r.bufPhys + uint64(i&r.mask)*bufferSize + uint64(at)
	atomic.StoreUint64(&p[1], r.command+uint64(n)*r.lengths)
}

// put writes a whole descriptor, status last.
func (r *ring) put(i, word2 uint32) {
	a := r.bufPhys + uint64(i&r.mask)*bufferSize
	p := (*[4]uint32)(unsafe.Pointer(r.word(i, 0)))
	p[0], p[1], p[2] = uint32(a), uint32(a>>32), word2
	atomic.StoreUint32(&p[3], 0)
}

// ours tells whether a transmit descriptor is one that give wrote: command and
// length, which the hardware leaves alone when it reports the status. In the advanced layout
// it may clear them as well.
func (r *ring) ours(i uint32) bool {
	word2 := r.load(i, 2)
	if r.advanced && word2 == 0 && r.load(i, 3)&txDD != 0 {
		return true
	}
	n := word2 - uint32(r.command)
	return n >= minFrame && n <= MaxFrame
}

// fill makes every transmit descriptor one that is done, so that from then on one
// without DD is a frame on its way.
func (r *ring) fill() {
	for i := uint32(0); i <= r.mask; i++ {
		r.give(i, 0, minFrame)
		r.store(i, 3, r.load(i, 3)|txDD)
	}
}

// arrived is what the hardware wrote of a received frame: status, and length in bytes.
func (r *ring) arrived(i uint32) (status, length uint32) {
	status = r.load(i, r.status)
	return status, r.load(i, r.status^1) & rxLength
}

// points tells whether a descriptor has the address of its buffer.
func (r *ring) points(i uint32) bool {
	i &= r.mask
	return *(*uint64)(unsafe.Pointer(r.word(i, 0))) == r.bufPhys+uint64(i)*bufferSize
}
