package virtionet

import (
	"sync/atomic"
	"unsafe"

	"gasp/drivers/dma"
)

// Ring memory is shared with a device that runs at the same time. What orders
// the two sides is the index of each ring, so these two accesses are atomic and
// everything else is a plain one before or after them. A store releases what was written before it, a load acquires, and a
// load does not pass an earlier store, which is the barrier of 2.7.13.4 between
// publishing an index and looking whether the device wants to be notified. On amd64 sync/atomic does all of that (LOCK CMPXCHG),
// for devices in hardware, too (VIRTIO_F_ORDER_PLATFORM); elsewhere it reaches no further than the processors, and dma.Publish has to help.
//
// flags and idx, 16 bits each, sit side by side in both rings (2.7.6, 2.7.8) and
// are read and written here as one little-endian word; every processor this runs
// on is little-endian.

func loadFlagsIdx(mem []byte, off int) (flags, idx uint16) {
	word := mem[off : off+4]
	v := atomic.LoadUint32((*uint32)(unsafe.Pointer(&word[0])))
	dma.Publish()
	return uint16(v), uint16(v >> 16)
}

func storeFlagsIdx(mem []byte, off int, flags, idx uint16) {
	word := mem[off : off+4]
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&word[0])), uint32(flags)|uint32(idx)<<16)
}

func put16(mem []byte, off int, v uint16) {
	b := mem[off : off+2]
	b[0], b[1] = byte(v), byte(v>>8)
}

func put32(b []byte, v uint32) {
	_ = b[3]
	b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
}

func get32(b []byte) uint32 {
	_ = b[3]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}
