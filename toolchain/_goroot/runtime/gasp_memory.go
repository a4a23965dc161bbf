package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

var gaspRAM kernel.Memory

const gaspPage = 4096

// gaspMemoryInit gives the runtime what lies between the image and the boot
// stack at the end of RAM.
func gaspMemoryInit() {
	const bootStack = 256 << 10
	start := alignUp(firstmoduledata.end, 4<<20)
	end := alignDown(uintptr(goosRamStart+goosRamSize-goosRamStackOffset)-bootStack, gaspPage)
	if end > start {
		gaspRAM.Release(start, end-start)
	}
}

// gaspMmap: reserving does not clear, committing does (Linux hands out zero pages).
func gaspMmap(addr, n, prot, flags uint64) uint64 {
	size := alignUp(uintptr(n), gaspPage)
	p := uintptr(addr)
	if size < uintptr(n) {
		return gaspError(_ENOMEM)
	}
	if flags&_MAP_FIXED == 0 {
		if p = gaspRAM.Reserve(p, size); p == 0 {
			return gaspError(_ENOMEM)
		}
	}
	if prot != _PROT_NONE {
		gaspClear(p, size)
	}
	return uint64(p)
}

// gaspClear clears memory, with a sign of life now and then.
func gaspClear(p, size uintptr) {
	const piece = 16 << 20
	for ; size > 0; goosTouch() {
		n := min(size, piece)
		memclrNoHeapPointers(unsafe.Pointer(p), n)
		p += n
		size -= n
	}
}

func gaspMunmap(addr, n uint64) {
	gaspRAM.Release(uintptr(addr), alignUp(uintptr(n), gaspPage))
}
