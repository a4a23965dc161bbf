//go:build tamago

package stub

import (
	"encoding/binary"
	"unsafe"

	"gasp/board/uefi"
)

const (
	areaLimit = 1<<32 - 1 // the last steps are in 32-bit mode
	ramLimit  = 3 << 30   // what board/x86's cpuinit maps as RAM
	leastHeap = 16 << 20  // what it wants beside the image
)

// earlyLimit is the last address of what cpuinit maps.
const earlyLimit = 1<<32 - 1

// findPlace takes the place that the image is linked for, or says that it cannot be had.
func (p *placement) findPlace(t *systemTable, h *uefi.HandOver) bool {
	p.place = p.start
	if l, ok := h.RAM(); !ok || !l.Has(p.start, p.end+leastHeap) {
		t.say("gasp: the image is linked for RAM from ")
		t.sayNumber(p.start)
		t.say(" to ")
		t.sayNumber(p.end + leastHeap)
		t.say(", and not all of that is free on this machine. It has there:")
		t.sayRAM(&l)
		return false
	}
	// If the place is free now, nobody else gets it meanwhile. If not, it will be.
	place := p.start
	call(t.boot.allocatePages, allocateAddress, loaderData, uintptr(pages(p.end-p.start)), address(&place), 0)
	return true
}

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
