//go:build tamago

package arm64

import (
	_ "unsafe" // go:linkname

	"gasp/board/ram"
	"gasp/netlog"
)

// Memory that outlives a warm reset. Firmware and loaders take theirs from the ends of RAM: it lies inside of the largest free range, in which more or
// less is free at each boot. So where it was is looked for, at the start of each block.

const (
	keepSize  = 256 << 10
	keepAlign = BlockSize
)

// keep is its address, 0 if there is none.
var keep uint64

// takeKeep takes it out of the free memory, which is mapped.
func takeKeep(free *ram.List) uint64 {
	for _, r := range free.Ranges() {
		for addr := blockEnd(r.Start); addr+keepSize <= r.End; addr += keepAlign {
			if netlog.HoldsKept(at(addr, keepSize)) {
				free.Remove(addr, keepSize)
				return addr
			}
		}
	}
	return free.TakeInside(keepSize, keepAlign, addressLimit)
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
