package virtionet

import "unsafe"

// storeIdx changes idx alone and storeFlags flags alone: each belongs to a context of
// its own, of which one may interrupt the other. Here a store of half a word does that. Exclusives and atomics need not work in memory
// that is not cached (Arm ARM, B2.9.2), where the rings are of a device that does not see the caches.

func storeIdx(mem []byte, off int, idx uint16) { storeFlags(mem, off+2, idx) }

func storeFlags(mem []byte, off int, flags uint16) {
	half := mem[off : off+2]
	storeHalf((*uint16)(unsafe.Pointer(&half[0])), flags)
}

// storeHalf comes behind all stores before it, and before all loads behind it (2.7.13.4), as a device sees it
// (ringmemory_arm64.s).
//
//go:noescape
func storeHalf(p *uint16, v uint16)
