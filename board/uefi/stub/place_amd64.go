//go:build tamago

package stub

import (
	"encoding/binary"
	"unsafe"
)

const (
	areaLimit = 1<<32 - 1 // the last steps are in 32-bit mode
	ramLimit  = 3 << 30   // what board/x86's cpuinit maps as RAM
	leastHeap = 16 << 20  // what it wants beside the image
)

// ramStart is where the tables of board/x86's cpuinit lie, and the image behind them.
const ramStart uint64 = 0x2000000

// prepare writes a descriptor table for 32-bit mode into the staging area (Intel SDM
// volume 3, 3.4.5): flat code at 8, flat data at 16; in its first entry, which the processor
// does not read, what LGDT takes.
func prepare(area uint64) {
	table := unsafe.Slice((*byte)(pointer(area+areaDescriptors)), 24)
	le := binary.LittleEndian
	le.PutUint16(table[0:], 23)
	le.PutUint64(table[2:], area+areaDescriptors)
	le.PutUint64(table[8:], 0x00cf9a000000ffff)
	le.PutUint64(table[16:], 0x00cf92000000ffff)
}
