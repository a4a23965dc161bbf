//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/ram"
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

// keepMemory returns that memory, nil if this machine has none.
//
//go:linkname keepMemory gasp/board/machine.keepMemory
func keepMemory() []byte {
	if keep == 0 {
		return nil
	}
	return at(keep, keepSize)
}
