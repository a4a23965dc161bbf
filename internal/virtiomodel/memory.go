package virtiomodel

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"
)

// Driver and device may run on different processors in a test: flags and idx of a
// ring are one atomic word.

func loadWord(b []byte) (flags, idx uint16) {
	v := atomic.LoadUint32((*uint32)(unsafe.Pointer(&b[0])))
	return uint16(v), uint16(v >> 16)
}

func storeWord(b []byte, flags, idx uint16) {
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&b[0])), uint32(flags)|uint32(idx)<<16)
}

func get16(b []byte) uint16    { return binary.LittleEndian.Uint16(b) }
func get32(b []byte) uint32    { return binary.LittleEndian.Uint32(b) }
func put32(b []byte, v uint32) { binary.LittleEndian.PutUint32(b, v) }
