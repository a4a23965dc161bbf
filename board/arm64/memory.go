//go:build tamago

package arm64

import (
	"unsafe"

	"gasp/board/machine"
	"gasp/board/ram"
)

// The image is linked for this address (toolchain.targets is 0x10000 above): boot_arm64.s has the same layout.
//
//go:linkname ramStart runtime/goos.RamStart
var ramStart uint = imageStart

// ramSize is the least RAM of the boards, until findMemory knows better.
//
//go:linkname ramSize runtime/goos.RamSize
var ramSize uint = leastRAM

//go:linkname ramStackOffset runtime/goos.RamStackOffset
var ramStackOffset uint = 0x100

const (
	imageStart = 0x4020_0000
	leastRAM   = 126 << 20

	tablesEnd = imageStart + 0x4000
	imageCode = imageStart + 0x10000

	addressLimit = 1 << 40 // the runtime's heapAddrBits (toolchain/substitution.go)

	keepSize = 256 << 10
)

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
	end := (machine.ImageEnd() + pageSize - 1) &^ (pageSize - 1)
	if !free.Has(imageStart, end) {
		*free = ram.List{}
		free.Add(imageStart, leastRAM)
	}
	for _, r := range free.Ranges() {
		if r.Start <= imageStart && imageStart < r.End {
			ramSize = uint(r.End - imageStart)
		}
	}
	free.Remove(addressLimit, ^uint64(0)-addressLimit)
	mapMemory(free)
	for _, r := range used.Ranges() {
		free.Remove(r.Start, r.Size())
	}
	free.Remove(imageStart, end-imageStart)
	keep = free.Take(keepSize, addressLimit)
}

// findBareMemory maps RAM with TamaGo's toolchain, whose runtime uses leastRAM and asks for no more.
func findBareMemory() {
	var all, used ram.List
	findRAM(&all, &used)
	if !all.Has(imageStart, imageStart+leastRAM) {
		all = ram.List{}
		all.Add(imageStart, leastRAM)
	}
	mapMemory(&all)
}

// keep is the address of memory for the report of the boot before: the same in each boot
// of the same machine, if there is no other image.
var keep uint64

// keepMemory is memory that outlives a warm reset.
//
//go:linkname keepMemory gasp/board/machine.keepMemory
func keepMemory() []byte {
	if keep == 0 {
		return nil
	}
	return at(keep, keepSize)
}

// at returns n bytes of memory.
func at(addr, n uint64) []byte {
	p := uintptr(addr)
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p))), int(n))
}
