package runtime

import "internal/runtime/kernel"

const gaspPage = 4096

// gaspRAM is what nobody has.
var gaspRAM kernel.Memory

// gaspRAMParts is all RAM that the board gave. gaspLow is from the first of it to
// the end of the RAM that the image is in, or the image alone: what most pointers lead to, and mapped
// throughout.
var (
	gaspRAMParts kernel.Parts
	gaspLow      struct{ start, size uintptr }
)

// gaspMemoryInit takes the RAM that the board knows.
func gaspMemoryInit() {
	start, size := goosMemory(0)
	gaspLow.start, gaspLow.size = uintptr(goosRamStart), uintptr(goosRamSize)
	if below := gaspLow.start - uintptr(start); size != 0 && uintptr(start) < gaspLow.start && !goosRamApart {
		gaspLow.start -= below
		gaspLow.size += below
	}
	for i := 1; size != 0 && gaspRAMParts.Add(uintptr(start), uintptr(size)); i++ {
		gaspRAM.Release(uintptr(start), uintptr(size))
		start, size = goosMemory(i)
	}
}

// gaspInRAM tells whether n bytes at p are in the machine's RAM, the image's own
// included.
func gaspInRAM(p, n uintptr) bool {
	if d := p - gaspLow.start; d < gaspLow.size {
		return n <= gaspLow.size-d
	}
	return gaspRAMParts.Has(p, n)
}

// gaspRAMFrom returns how many bytes of RAM there are from p on.
func gaspRAMFrom(p uintptr) uintptr {
	if d := p - gaspLow.start; d < gaspLow.size {
		return gaspLow.size - d
	}
	return gaspRAMParts.From(p)
}

const (
	gaspMapGrowsDown = 0x100 // MAP_GROWSDOWN
	gaspErrnoNoDev   = 19    // ENODEV
)

// gaspMmap reserves RAM for t, which clears it before it goes on if it can be
// used: Linux hands out zero pages. MAP_GROWSDOWN gives a stack with a guard page
// below. Arguments and result are mmap's, in the registers.
func gaspMmap(t *gaspThread) {
	p, n, prot, flags := uintptr(t.arg(0)), uintptr(t.arg(1)), t.arg(2), t.arg(3)
	size := alignUp(n, gaspPage)
	switch {
	case flags&_MAP_ANON == 0:
		t.setResult(gaspError(gaspErrnoNoDev))
		return
	case n == 0 || p%gaspPage != 0:
		t.setResult(gaspError(_EINVAL))
		return
	case flags&gaspMapGrowsDown != 0:
		t.setResult(gaspStackMap(size))
		return
	case size < n:
		p = 0
	case flags&_MAP_FIXED == 0:
		p = gaspRAM.Reserve(p, size, gaspPage)
	case !gaspRAMParts.Has(p, size) || gaspSystemStacks.Has(p, size) || !gaspRAM.Claim(p, size):
		p = 0
	}
	if p == 0 {
		t.setResult(gaspError(_ENOMEM))
		return
	}
	t.setResult(uint64(p))
	if prot != _PROT_NONE {
		gaspClearBefore(t, p, size)
	}
}

// gaspMunmap takes RAM back. It fails, as on Linux, where that would make more
// separate pieces than are kept.
func gaspMunmap(addr, n uint64) uint64 {
	p, size := uintptr(addr), alignUp(uintptr(n), gaspPage)
	switch {
	case size == 0 || size < uintptr(n) || p%gaspPage != 0 || !gaspRAMParts.Has(p, size):
		return gaspError(_EINVAL)
	case gaspSystemStacks.Has(p, size):
		if size != kernel.StackSize || !gaspSystemStacks.Put(p) {
			return gaspError(_EINVAL)
		}
	case !gaspRAM.Release(p, size):
		return gaspError(_ENOMEM)
	}
	return 0
}
