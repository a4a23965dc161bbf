//go:build tamago && amd64

package x86

import (
	"runtime"
	"unsafe"

	"gasp/board/machine"
	"gasp/board/ram"
	"gasp/board/x86/paging"
)

const (
	lowEnd = 4 << 30

	bootTablesSize = 9 * pageSize
	bootSize       = bootTablesSize + pageSize

	// Each edge between rights takes a table of a page: of the segments, of the
	// descriptor tables, of the page tables, of guard pages. They lie close
	// together, so that most share one; of the runtime's stacks, 56 do
	// (toolchain/kernel). Devices above 4 GiB take up to two for each TiB and GiB.
	moreTables = 64
)

var (
	// bootRoom is what cpuinit begins with: tables that map the first 4 GiB one to one, with all rights, and the image; a
	// descriptor table, a stack (boot_amd64.s).
	bootRoom  [bootSize + pageSize]byte
	tableRoom [(moreTables + 1) * pageSize]byte
	tables    paging.Tables
	changing  machine.TableLock
	noExecute paging.Rights
)

// A descriptorTable is what SGDT and SIDT tell.
type descriptorTable struct {
	base  uint64
	limit uint64 // size - 1
}

// paging_amd64.s
func enableNoExecute() bool
func physicalAddressBits() uint64
func unlockTables() (flags uint64)
func lockTables(flags uint64)
func loadedGDT() descriptorTable
func loadedIDT() descriptorTable

// protect leaves each page the rights that it needs: code can be executed and not
// written, constants neither, all else can be written and not executed. The
// page tables and descriptor tables cannot be written either. Where the image lies only its code stays mapped: further processors
// start there. It runs before any package is initialized.
func protect() {
	flags := openTables()
	if enableNoExecute() {
		noExecute = paging.NoExecute
	}
	data, constant := paging.ReadWrite|noExecute, paging.ReadOnly|noExecute
	text, etext := runtime.TextRegion()
	start, end := Physical(uintptr(text)), Physical(uintptr(etext))
	size := imageSize()
	allow(0, start, data)
	allow(end, lowEnd, data)
	allow(start, end, paging.ReadOnly)
	if !machine.Bare {
		remove(place, start)
		remove((end+pageSize-1)&^(pageSize-1), place+size)
	}
	allow(imageStart, imageStart+size, data)
	remove(imageStart+size, (imageStart+size+paging.LargeSize-1)&^(paging.LargeSize-1))
	for _, r := range machine.FreeRAM().Ranges() {
		if r.Start >= lowEnd {
			allow(r.Start, r.End, data)
		}
	}
	for i := 0; ; i++ {
		constants, code, ok := machine.ImageUnwritten(i)
		if !ok {
			break
		}
		allow(constants.Start, constants.End, constant)
		allow(code.Start, code.End, paging.ReadOnly)
	}
	allow(highTables.Start, highTables.End, constant)
	for _, r := range [...]ram.Range{bootTables(), spareTables()} {
		allow(r.Start, r.End, constant)
	}
	setAccessed(loadedGDT())
	closeTables(flags)
	protectDescriptors(loadedGDT())
	protectDescriptors(loadedIDT())
}

// bootTables is where the image has the tables that cpuinit made.
func bootTables() ram.Range { return pagesOf(unsafe.Pointer(&bootRoom), bootTablesSize) }

// spareTables is where it has room for more.
func spareTables() ram.Range { return pagesOf(unsafe.Pointer(&tableRoom), moreTables*pageSize) }

// pagesOf is size bytes from the first whole page of a variable on.
func pagesOf(p unsafe.Pointer, size uint64) ram.Range {
	start := (uint64(uintptr(p)) + pageSize - 1) &^ (pageSize - 1)
	return ram.Range{Start: start, End: start + size}
}

// allow gives pages rights. What fails leaves them what they have.
func allow(start, end uint64, r paging.Rights) {
	machine.Protected(tables.Set(start, end, r))
}

// remove takes pages away.
func remove(start, end uint64) {
	machine.Protected(tables.Remove(start, end))
}

// openTables makes tables ready to be changed, by this processor alone, with interrupts off until closeTables. A goroutine must be machine.Steady.
func openTables() (flags uint64) {
	flags = unlockTables()
	changing.Lock()
	if tables.Root == 0 {
		spare := spareTables()
		tables = newTables(Physical(uintptr(spare.Start)), Physical(uintptr(spare.End)))
	}
	return flags
}

// closeTables makes what was changed hold on this processor.
func closeTables(flags uint64) {
	changing.Unlock()
	lockTables(flags)
}

// newTables is the page tables, with memory for further ones.
func newTables(spare, end uint64) paging.Tables {
	return paging.Tables{
		Root: Physical(uintptr(bootTables().Start)), Spare: spare, End: end,
		Place: place, PlaceEnd: place + imageSize(), Offset: Physical(0),
	}
}

// guard makes the page at addr absent: an access is a page fault.
//
//go:linkname guard runtime/goos.Guard
func guard(addr uintptr) {
	flags := openTables()
	remove(uint64(addr), uint64(addr)+pageSize)
	closeTables(flags)
}

// protectDescriptors makes the pages of a descriptor table read-only if it has
// them for itself: if it starts one.
func protectDescriptors(t descriptorTable) {
	if t.base == 0 || t.base%pageSize != 0 {
		return
	}
	flags := openTables()
	allow(t.base, t.base+t.limit+1, paging.ReadOnly|noExecute)
	closeTables(flags)
}

// setAccessed sets what the processor would set, when it loads a segment, in a
// table that it can no longer write (Intel SDM volume 3, 3.4.5.1). A task state
// segment's descriptor has two entries, and was marked busy by LTR.
func setAccessed(gdt descriptorTable) {
	const (
		entrySize = 8
		accessed  = 1 << 40
		segment   = 1 << 44 // S: code or data
		present   = 1 << 47
	)
	for a := gdt.base; a+entrySize <= gdt.base+gdt.limit+1; a += entrySize {
		b := at(a, entrySize)
		if b == nil {
			return
		}
		e := (*uint64)(unsafe.Pointer(&b[0]))
		switch {
		case *e&present == 0:
		case *e&segment != 0:
			*e |= accessed
		default:
			a += entrySize
		}
	}
}
