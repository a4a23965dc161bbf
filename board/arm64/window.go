//go:build tamago

package arm64

import (
	"unsafe"

	"gasp/board/arm64/paging"
)

// Translation tables are read-only where the image is mapped (protect.go). To change them there is a window, a second mapping of the
// image by TTBR1, which only the processor that changes them has open, with its interrupts off. Nothing can be executed there.
const (
	windowStart = 0xffff_ffff_c000_0000 // 30 bits of address: one table of level 2 (boot_arm64.s, TCR)
	windowTable = imageStart + 0xb000
	tablesEnd   = imageStart + 0xc000

	blocks = paging.PageSize / 8
)

// inWindow is where the window has an address of the image.
func inWindow(addr uint64) uint64 { return addr - imageStart + windowStart }

// makeWindow fills its table.
func makeWindow() {
	table := uintptr(windowTable)
	entries := (*[blocks]uint64)(*(*unsafe.Pointer)(unsafe.Pointer(&table)))
	for i := range min(imageSize()/blockSize+1, blocks) {
		entries[i] = place + i*blockSize | uint64(paging.Data)
	}
}

// cpu_arm64.s
func openWindow()
