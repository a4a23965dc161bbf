//go:build tamago && arm

package arm

import (
	"unsafe"

	"gasp/board/machine"
	"gasp/board/ram"
)

// The image is linked for this address (toolchain; boot_arm.s has the same layout).
//
//go:linkname ramStart runtime/goos.RamStart
var ramStart uint32 = ramBase

// ramSize is the least RAM of the boards, until findMemory knows better. TamaGo's runtime uses
// no more, and has its stack at the end.
//
//go:linkname ramSize runtime/goos.RamSize
var ramSize uint32 = leastRAM

const (
	ramBase  = 0x80000000
	leastRAM = 128 << 20

	handOver  = ramBase // a page with the command line that an emulator left (handover.go)
	vectors   = ramBase + 0x1000
	firstRoom = ramBase + 0x4000 // translation tables
	moreRoom  = ramBase + 0x8000
	roomEnd   = ramBase + 0x40000

	keepStart = ramBase + 0x100000 // nothing that boots puts anything there
	keepSize  = 256 << 10

	imageStart = ramBase + 0x200000
)

// ramBytes is how much RAM there is: the package of the board defines it. It is asked before
// anything is initialized.
//
//go:linkname ramBytes
func ramBytes() uint32

// findMemory makes the list of free RAM: all of it behind the image. It runs before the runtime
// is set up: nothing may be allocated.
//
//go:linkname findMemory gasp/board/machine.findMemory
func findMemory(free *ram.List) {
	ramSize = ramBytes()
	free.Add(ramBase, uint64(ramSize))
	free.Remove(ramBase, machine.ImageEnd()-ramBase)
}

// keepMemory is memory that outlives a warm reset.
//
//go:linkname keepMemory gasp/board/machine.keepMemory
func keepMemory() []byte { return at(keepStart, keepSize) }

// at returns n bytes of memory.
func at(addr, n uint32) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&addr))), int(n))
}

func words(addr, end uint32) []uint32 {
	return unsafe.Slice((*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&addr))), int(end-addr)/4)
}
