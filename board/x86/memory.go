//go:build tamago && amd64

package x86

import (
	"unsafe"

	"gasp/board/machine"
)

// The image is linked for an address that neither RAM nor registers of any known machine have, and where the heap never is
// (toolchain.targets; TamaGo's runtime makes it the place). The loader puts it wherever there is room below 4 GiB, at its place.
//
//go:linkname ramStart runtime/goos.RamStart
var ramStart uint64 = imageStart

// ramSize is that of the image, once findMemory has been there: other RAM is at its own addresses. With TamaGo's toolchain it is
// what cpuinit finds in the loader's memory map of the RAM that holds the place, up to 3 GiB: the runtime uses no more, and has its
// stack at the end.
//
//go:linkname ramSize runtime/goos.RamSize
var ramSize uint64 = leastRAM

//go:linkname ramApart runtime/goos.RamApart
var ramApart = true

const (
	imageStart = 0x7f00_0200_0000
	leastRAM   = 96<<20 - 128<<10 // from the place on, on a machine without a memory map
	leastHeap  = 16 << 20         // what the runtime needs beside the image

	// linkedPlace is where an ELF file asks to be put (toolchain, segments' p_paddr): low enough for a machine of 128 MB, with room
	// below for what survives a reset. With TamaGo's toolchain the image must lie there, for its runtime loads FS with the lower half
	// of an address: what is at the address of the image's TLS is at the lower half of that, too.
	linkedPlace = imageStart & 0xffff_ffff

	pageSize = 4096
)

// place is the physical address of imageStart (boot_amd64.s).
var place uint64

// Physical is the physical address of what is part of the image; all else is mapped to its own.
func Physical(addr uintptr) uint64 { return uint64(addr) - imageStart + place }

// imageSize is how much of memory the image takes, in whole pages.
func imageSize() uint64 {
	return (machine.ImageEnd() - imageStart + pageSize - 1) &^ (pageSize - 1)
}

// at returns n bytes of memory: at a physical address below 4 GiB, but for the image's place, or of the
// program's RAM above; or of the image, where it is mapped. Elsewhere it returns nil.
func at(addr, n uint64) []byte {
	size := imageSize()
	image := addr >= imageStart && addr-imageStart < size && n <= size-(addr-imageStart)
	low := addr >= pageSize && addr < lowEnd && n <= lowEnd-addr && (addr >= place+size || addr+n <= place)
	if !image && !low && !(addr >= lowEnd && n <= addressLimit && machine.FreeRAM().Has(addr, addr+n)) {
		return nil
	}
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&addr))), int(n))
}
