//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
	"gasp/board/ram"
	"gasp/board/x86/paging"
)

// Memory that outlives a warm reset: below where most loaders put the image, so that loading it again
// does not write there, and above what a PC's firmware uses: OVMF unpacks itself to
// 8 to 21 MiB (edk2 OvmfPkg/OvmfPkgX64.fdf, MEMFD). Where that is not free RAM it is the end of what is below 4 GiB. It should not move
// from one build to the next.
const (
	keepStart = 0x1800000
	keepSize  = 256 << 10
)

// keep is its address, 0 if there is none.
var keep uint64

// takeKeep takes it out of the list of free RAM.
func takeKeep(l *ram.List) {
	if l.Has(keepStart, keepStart+keepSize) {
		keep = keepStart
		l.Remove(keepStart, keepSize)
		return
	}
	keep = l.Take(keepSize, lowEnd)
}

// keepBare does so with TamaGo's toolchain, whose runtime has the RAM from the place on.
func keepBare() {
	l, _ := loaderRAM()
	l.Remove(0, firmwareEnd)
	l.Remove(place, ramSize)
	removeLoaded(&l)
	takeKeep(&l)
}

// combineKeep has what is written there go to RAM by itself, and leaves nothing of it in the caches: their contents are lost in a reset
// that nobody announces, by a button, a watchdog or a triple fault. (Linux maps such memory so, too: Documentation/admin-guide/ramoops.rst, mem_type.)
func combineKeep() {
	if keep == 0 {
		return
	}
	flags := openTables()
	machine.Protected(tables.Cache(keep, keep+keepSize, paging.WriteCombining))
	closeTables(flags)
	writeBack()
}

// keepMemory returns that memory, nil if this machine has none.
//
//go:linkname keepMemory gasp/board/machine.keepMemory
func keepMemory() []byte {
	if keep == 0 {
		return nil
	}
	return at(keep, keepSize)
}
