//go:build tamago

package arm64

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
	"gasp/board/ram"
	"gasp/netlog"
)

// Memory that outlives a warm reset. Firmware and loaders take theirs from the ends of RAM: it lies inside of the largest free range, in which more or
// less is free at each boot. So where it was is looked for, at the start of each block. It has a block for itself, which is not cached.

const keepSize = 256 << 10

// keep is its address, 0 if there is none.
var keep uint64

// takeKeep takes it out of the free memory, which is mapped.
func takeKeep(free *ram.List) uint64 {
	for _, r := range free.Ranges() {
		for addr := blockEnd(r.Start); addr+BlockSize <= r.End; addr += BlockSize {
			if netlog.HoldsKept(at(addr, keepSize)) {
				free.Remove(addr, BlockSize)
				return addr
			}
		}
	}
	return free.TakeInside(BlockSize, BlockSize, addressLimit)
}

// uncacheKeep has what is written there go to RAM by itself: what caches hold is lost in a reset that nobody announces, by a button or a watchdog.
func uncacheKeep() {
	if keep != 0 && !Uncache(at(keep, BlockSize)) {
		machine.Problem("the memory for kept reports is cached: a reset from outside may lose them")
	}
}

// keepMemory is memory that outlives a warm reset.
//
//go:linkname keepMemory gasp/board/machine.keepMemory
func keepMemory() []byte {
	if keep == 0 {
		return nil
	}
	return at(keep, keepSize)
}
