//go:build tamago && amd64

package x86

import (
	"unsafe"

	"gasp/board/machine"
)

// The image is linked for this address (toolchain.TextStart is 0x10000 above):
// low enough for a machine of 128 MB, with room below for what survives a reset.
//
//go:linkname ramStart runtime/goos.RamStart
var ramStart uint64 = 0x2000000

// ramSize is what a machine without a memory map is taken to have; cpuinit
// makes it what the map says of the RAM that holds the image, up to 3 GiB. TamaGo's
// runtime uses no more, and has its stack at the end.
//
//go:linkname ramSize runtime/goos.RamSize
var ramSize uint64 = 0x6000000 - 0x20000

const pageSize = 4096

// at returns n bytes of memory at a physical address: below 4 GiB, or of the
// program's RAM above. Elsewhere it returns nil.
func at(addr, n uint64) []byte {
	low := addr >= pageSize && addr < lowEnd && n <= lowEnd-addr
	if !low && !(addr >= lowEnd && n <= addressLimit && machine.FreeRAM().Has(addr, addr+n)) {
		return nil
	}
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&addr))), int(n))
}
