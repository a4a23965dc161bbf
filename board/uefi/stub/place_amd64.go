//go:build tamago

package stub

import (
	"encoding/binary"
	"unsafe"
)

const (
	areaLimit  = 1<<32 - 1 // the last steps are in 32-bit mode
	earlyLimit = 1<<32 - 1 // what board/x86's cpuinit maps
)

// placeLimits are the last addresses of the image's place, from best to worst. Where the image lies an x86-64 processor
// is in 32-bit mode first.
var placeLimits = [...]uint64{1<<32 - 1}

// prepare writes a descriptor table for 32-bit mode into the staging area (Intel SDM
// volume 3, 3.4.5): flat code at 8, flat data at 16; behind it what LGDT takes.
func prepare(area uint64) {
	const size = 24
	b := unsafe.Slice((*byte)(pointer(area+areaDescriptors)), size+10)
	le := binary.LittleEndian
	le.PutUint64(b[0:], 0)
	le.PutUint64(b[8:], 0x00cf9a000000ffff)
	le.PutUint64(b[16:], 0x00cf92000000ffff)
	le.PutUint16(b[size:], size-1)
	le.PutUint64(b[size+2:], area+areaDescriptors)
}
