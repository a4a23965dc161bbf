//go:build !arm64

package virtionet

import (
	"sync/atomic"
	"unsafe"
)

// storeIdx changes idx alone and storeFlags flags alone: each belongs to a context of
// its own, of which one may interrupt the other.

func storeIdx(mem []byte, off int, idx uint16) {
	word := mem[off : off+4]
	p := (*uint32)(unsafe.Pointer(&word[0]))
	for {
		old := atomic.LoadUint32(p)
		if atomic.CompareAndSwapUint32(p, old, old&0xFFFF|uint32(idx)<<16) {
			return
		}
	}
}

func storeFlags(mem []byte, off int, flags uint16) {
	word := mem[off : off+4]
	p := (*uint32)(unsafe.Pointer(&word[0]))
	for {
		old := atomic.LoadUint32(p)
		if atomic.CompareAndSwapUint32(p, old, old&^0xFFFF|uint32(flags)) {
			return
		}
	}
}
