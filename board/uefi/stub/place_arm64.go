//go:build tamago

package stub

import "gasp/board/uefi"

const (
	areaLimit  = 1<<46 - 1 // of the place too: below where the image is mapped
	earlyLimit = 1<<40 - 1 // what board/arm64 maps of RAM
	ramLimit   = 1<<64 - 1

	placeAlign = 2 << 20 // of the image's place (board/arm64/boot_arm64.s)
)

// findPlace takes any place that has room: the image is mapped to where it is linked for.
func (p *placement) findPlace(t *systemTable, _ *uefi.HandOver) bool {
	at := uint64(areaLimit)
	size := p.end - p.start
	if call(t.boot.allocatePages, allocateMaxAddress, loaderData, uintptr(pages(size+placeAlign)), address(&at), 0) != success {
		t.say("gasp: the firmware has no memory for the image, in one piece, of bytes: ")
		t.sayNumber(size + placeAlign)
		return false
	}
	p.place = (at + placeAlign - 1) &^ (placeAlign - 1)
	return true
}

// prepare has nothing to do: the last steps need no tables.
func prepare(uint64) {}
