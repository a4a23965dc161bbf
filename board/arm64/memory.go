//go:build tamago

package arm64

import (
	"unsafe"

	"gasp/board/arm64/paging"
	"gasp/board/machine"
	"gasp/board/ram"
)

// The image is linked for an address that neither RAM nor registers of any known machine have, and where the heap never is: boot_arm64.s
// has the same layout, toolchain.targets is 0x10000 above. The loader puts it wherever there is room, at its place.
//
//go:linkname ramStart runtime/goos.RamStart
var ramStart uint = imageStart

// ramSize is that of the image, once findMemory has been there: other RAM is at its own addresses.
//
//go:linkname ramSize runtime/goos.RamSize
var ramSize uint = leastRAM

//go:linkname ramApart runtime/goos.RamApart
var ramApart = true

//go:linkname ramStackOffset runtime/goos.RamStackOffset
var ramStackOffset uint = 0x100

const (
	imageStart = 0x7f00_4020_0000
	leastRAM   = 126 << 20 // from the place of the image on, on a machine whose RAM nobody tells of

	addressLimit = 1 << 40 // the runtime's heapAddrBits (toolchain/substitution.go)
	nilEnd       = 2 << 20 // below it nothing is mapped: a nil pointer is to fault
)

// place is the physical address of imageStart.
var place uint64

// Physical is the physical address of what is part of the image; all else is mapped to its own.
func Physical(addr uintptr) uint64 { return uint64(addr) - imageStart + place }

// LinkedPlace is where an ELF file asks to be put (toolchain, segments' p_paddr).
const LinkedPlace = imageStart & 0xffff_ffff

// Place is where the image lies.
func Place() uint64 { return place }

// deviceTree is R0 as the image found it, entered the time (boot_arm64.s).
var deviceTree, entered uint64

// DeviceTree is the address that the loader gave for one; whether there is one, nobody
// has looked.
func DeviceTree() uint64 { return deviceTree }

// RAM is what the board says of memory: the package of the board sets it before anything is initialized. All has all RAM that
// there is, Used what of it is not free, the image aside.
//
//go:noescape
//go:linkname findRAM
func findRAM(all, used *ram.List)

// findMemory makes the list of free RAM, and maps it. It runs before the runtime is set up: nothing may be allocated.
//
//go:linkname findMemory gasp/board/machine.findMemory
func findMemory(free *ram.List) {
	var used ram.List
	findRAM(free, &used)
	size := imageSize()
	if !free.Has(place, place+size) {
		*free = ram.List{}
		free.Add(place, leastRAM)
	}
	ramSize = uint(size)
	free.Remove(0, nilEnd)
	free.Remove(addressLimit, ^uint64(0)-addressLimit)
	free.Remove(place, size)
	mapMemory(free, size)
	for _, r := range used.Ranges() {
		free.Remove(r.Start, r.Size())
	}
	keep = takeKeep(free)
}

// imageSize is how much of memory the image takes, in whole pages.
func imageSize() uint64 {
	return (machine.ImageEnd() - imageStart + pageSize - 1) &^ (pageSize - 1)
}

// mapBare maps memory with TamaGo's toolchain, whose runtime has its heap and its first stack behind the image, at their own addresses, and asks for no more.
func mapBare() {
	var l ram.List
	size := imageSize()
	l.Add(place+size, leastRAM-size)
	mapMemory(&l, size)
}

// at returns n bytes of memory.
func at(addr, n uint64) []byte {
	p := uintptr(addr)
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p))), int(n))
}

// BlockSize is the size and alignment of what Uncache takes.
const BlockSize = paging.BlockSize

// Uncache maps a block of memory that is not the image's so that processors read and write it past their caches (Normal Non-cacheable), and tells whether
// the processor does have it so. Nobody else may use anything of the block meanwhile.
func Uncache(b []byte) bool {
	start := uint64(uintptr(unsafe.Pointer(&b[0])))
	if start%BlockSize != 0 || len(b) != BlockSize {
		return false
	}
	cleanInvalidate(&b[0], BlockSize)
	mapAs(start, start+BlockSize, paging.Uncached)
	cleanInvalidate(&b[0], BlockSize) // what was read ahead until then
	return attribute(&b[0]) == nonCacheable
}

// nonCacheable is Normal memory, inner and outer non-cacheable, in PAR_EL1.ATTR.
const nonCacheable = 0x44

//go:noescape
func cleanInvalidate(p *byte, n uint64)

//go:noescape
func attribute(p *byte) uint64
