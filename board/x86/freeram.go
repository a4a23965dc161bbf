//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
	"gasp/board/ram"
	"gasp/board/x86/paging"
)

const (
	addressLimit = 1 << 40    // the runtime's heapAddrBits (toolchain/substitution.go)
	firmwareEnd  = 1 << 20    // below it lies what BIOS and loader use
	chipset      = 0xfec00000 // from here to 4 GiB: interrupt controllers, HPET, BIOS
)

var highTables ram.Range // the page tables of RAM above 4 GiB

// findMemory makes the list of free RAM of the loader's memory map; of what is behind the place if there
// is none, or one in which the image is not in RAM. It runs before the runtime is
// set up: nothing may be allocated.
//
//go:linkname findMemory gasp/board/machine.findMemory
func findMemory(free *ram.List) {
	size := imageSize()
	found, ok := loaderRAM()
	if ok && found.Has(place, place+size) {
		limit := min(addressLimit, uint64(1)<<physicalAddressBits())
		found.Remove(limit, ^uint64(0))
		setCaching()
	} else {
		found = ram.List{}
		found.Add(place, leastRAM)
	}
	ramSize = size
	found.Remove(0, firmwareEnd)
	found.Remove(chipset, lowEnd-chipset)
	found.Remove(place, size)
	removeLoaded(&found)
	takeKeep(&found)
	found.Align(lowEnd, paging.LargeSize)
	if !mapHigh(&found) {
		found.Remove(lowEnd, ^uint64(0))
	}
	if found.Total() < leastHeap {
		sayTooSmall()
	}
	*free = found
}

func sayTooSmall() // boot_amd64.s; it does not return

// setCaching makes RAM below 4 GiB cached and all else there uncached, as far as
// large pages tell them apart. The first of them stays as it is.
func setCaching() {
	flags := openTables()
	machine.Protected(tables.Cache(paging.LargeSize, lowEnd, paging.Uncached))
	cached := loaderCached()
	for _, r := range cached.Ranges() {
		start, end := r.Start&^(paging.LargeSize-1), (min(r.End, lowEnd)+paging.LargeSize-1)&^(paging.LargeSize-1)
		if start = max(start, paging.LargeSize); start < end {
			machine.Protected(tables.Cache(start, end, paging.WriteBack))
		}
	}
	closeTables(flags)
}

// mapHigh maps what l has above 4 GiB, with page tables in memory below that it
// takes from l.
func mapHigh(l *ram.List) bool {
	n := uint64(0)
	for _, r := range l.Ranges() {
		if r.Start >= lowEnd {
			n += paging.TablesFor(r.Start, r.End) * paging.PageSize
		}
	}
	if n == 0 {
		return true
	}
	start := l.Take(n, lowEnd)
	if start == 0 {
		return false
	}
	highTables = ram.Range{Start: start, End: start + n}
	t := newTables(start, start+n)
	mapped := true
	flags := openTables()
	for _, r := range l.Ranges() {
		if r.Start >= lowEnd {
			mapped = mapped && t.Map(r.Start, r.End, paging.ReadWrite, paging.WriteBack) == nil
		}
	}
	closeTables(flags)
	return mapped
}
