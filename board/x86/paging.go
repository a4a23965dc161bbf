//go:build tamago && amd64

package x86

import (
	"runtime"
	"unsafe"

	"gasp/board/machine"
	"gasp/board/x86/paging"
)

// cpuinit maps the first 4 GiB one to one, with all rights (boot_amd64.s).
const (
	bootTables    = 0x2000000
	bootTablesEnd = bootTables + 0x7000
	lowEnd        = 4 << 30

	// Each edge between rights takes a table of a page: of the segments, of the
	// descriptor tables, of the page tables, of guard pages. They lie close
	// together, so that most share one; of the runtime's stacks, 56 do
	// (toolchain/kernel). Devices above 4 GiB take up to two for each TiB and GiB.
	moreTables = 64
)

var (
	tableRoom [(moreTables + 1) * pageSize]byte
	tables    paging.Tables
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
// page tables and descriptor tables cannot be written either. It runs before any
// package is initialized.
func protect() {
	flags := unlockTables()
	if enableNoExecute() {
		noExecute = paging.NoExecute
	}
	data, constant := paging.ReadWrite|noExecute, paging.ReadOnly|noExecute
	text, etext := runtime.TextRegion()
	allow(0, text, data)
	allow((etext+pageSize-1)&^(pageSize-1), lowEnd, data)
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
	allow(bootTables, bootTablesEnd, constant)
	allow(highTables.Start, highTables.End, constant)
	start, end := spareTables()
	allow(start, end, constant)
	setAccessed(loadedGDT())
	lockTables(flags)
	protectDescriptors(loadedGDT())
	protectDescriptors(loadedIDT())
}

// spareTables is tableRoom, cut to whole pages.
func spareTables() (start, end uint64) {
	start = (uint64(uintptr(unsafe.Pointer(&tableRoom))) + pageSize - 1) &^ (pageSize - 1)
	return start, start + moreTables*pageSize
}

// allow gives pages rights. What fails leaves them what they have.
func allow(start, end uint64, r paging.Rights) {
	openTables()
	machine.Protected(tables.Set(start, end, r))
}

func openTables() {
	if tables.Root == 0 {
		tables.Root = bootTables
		tables.Spare, tables.End = spareTables()
	}
}

// guard makes the page at addr absent: an access is a page fault.
//
//go:linkname guard runtime/goos.Guard
func guard(addr uintptr) {
	flags := unlockTables()
	openTables()
	machine.Protected(tables.Remove(uint64(addr)))
	lockTables(flags)
}

// protectDescriptors makes the pages of a descriptor table read-only if it has
// them for itself: if it starts one.
func protectDescriptors(t descriptorTable) {
	if t.base == 0 || t.base%pageSize != 0 {
		return
	}
	flags := unlockTables()
	allow(t.base, t.base+t.limit+1, paging.ReadOnly|noExecute)
	lockTables(flags)
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
