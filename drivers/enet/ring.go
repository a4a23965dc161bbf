package enet

import (
	"sync/atomic"
	"unsafe"
)

// A legacy descriptor is 8 bytes (RM 22.6.13, ECR.EN1588 0): length and, in the upper
// half, status in word 0, the buffer's address in word 1.
const (
	descriptorSize = 8

	wordStatus, wordAddress = 0, 1
)

// Word 0 of a transmit descriptor.
const (
	txR      = 1 << 31 // ready: the hardware's, which clears it when it has read the buffer
	txTO1    = 1 << 30 // the software's: committed, and not told of
	bdW      = 1 << 29 // last of the ring
	txL      = 1 << 27 // last of the frame
	txTC     = 1 << 26 // append the FCS
	bdLength = 0xFFFF

	txCommand = txL | txTC
)

// Word 0 of a receive descriptor.
const (
	rxE      = 1 << 31                                  // empty: the hardware's
	rxL      = 1 << 27                                  // last of the frame
	rxErrors = (0x20 | 0x10 | 0x04 | 0x02 | 0x01) << 16 // LG, NO, CR, OV, TR
)

// ring is descriptors and one buffer for each, in memory that the device
// reaches. The numbers of descriptors are powers of two, so that any number
// masked is an index: what memory holds at a crash cannot lead outside.
type ring struct {
	desc     []byte
	buffers  []byte
	descPhys uint32
	bufPhys  uint32
	mask     uint32
	_        uint32
}

// bufferSize is the room for one frame, MRBR.
const bufferSize = 2048

func (r *ring) buffer(i uint32) []byte {
	o := (i & r.mask) * bufferSize
	return r.buffers[o : o+bufferSize : o+bufferSize]
}

// bus is the address of a buffer for the device.
func (r *ring) bus(i uint32) uint32 { return r.bufPhys + (i&r.mask)*bufferSize }

// wrap is W for the last descriptor.
func (r *ring) wrap(i uint32) uint32 {
	if i&r.mask == r.mask {
		return bdW
	}
	return 0
}

// word is one aligned 32-bit word of a descriptor. Loads and stores of it are
// atomic, which keeps the order that the program states.
func (r *ring) word(i, n uint32) *uint32 {
	return (*uint32)(unsafe.Pointer(&r.desc[(i&r.mask)*descriptorSize+n*4]))
}

func (r *ring) load(i, n uint32) uint32 { return atomic.LoadUint32(r.word(i, n)) }

func (r *ring) store(i, n, v uint32) { atomic.StoreUint32(r.word(i, n), v) }

// put writes a whole descriptor, status last.
func (r *ring) put(i, address, status uint32) {
	r.store(i, wordAddress, address)
	r.store(i, wordStatus, status|r.wrap(i))
}

// ours tells whether the status of a transmit descriptor is one that the driver wrote, done or not.
func (r *ring) ours(i, status uint32) bool {
	n := status & bdLength
	return status&(txCommand|bdW) == txCommand|r.wrap(i) && n >= minFrame && n <= MaxFrame
}

// fillTransmit makes every descriptor one that is done, so that from then on one with R or TO1 is a frame on its way.
func (r *ring) fillTransmit() {
	for i := uint32(0); i <= r.mask; i++ {
		r.put(i, r.bus(i), txCommand|minFrame)
	}
}

// fillReceive gives the hardware every descriptor.
func (r *ring) fillReceive() {
	for i := uint32(0); i <= r.mask; i++ {
		r.put(i, r.bus(i), rxE)
	}
}
