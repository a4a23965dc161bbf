//go:build tamago

package arm64

import (
	"debug/elf"
	"runtime"
	"unsafe"

	"gasp/board/arm64/paging"
	"gasp/board/machine"
	"gasp/board/ram"
)

// cpuinit maps the first GiB, and that of the image with all rights (boot_arm64.s).
const (
	gib       = 1 << 30
	hereStart = imageStart &^ (gib - 1)
	hereEnd   = hereStart + gib

	// moreTables is for each edge between rights, and for memory and registers beyond.
	moreTables = 64
	pageSize   = paging.PageSize
)

var (
	tableRoom   [(moreTables + 1) * pageSize]byte
	tables      paging.Tables
	unprotected bool // a page has more rights than it needs: a table too few
	allRAM      ram.List
)

// cpu_arm64.s
func maskAll() (masks uint64)
func flushTables(masks uint64)

// mapMemory maps RAM that cpuinit did not.
func mapMemory(l *ram.List) {
	allRAM = *l
	masks := openTables()
	for _, r := range l.Ranges() {
		allow(r.Start, min(r.End, hereStart), paging.Data)
		allow(max(r.Start, hereEnd), r.End, paging.Data)
	}
	flushTables(masks)
}

// MapDevice maps registers: those above the first GiB are not mapped else.
func MapDevice(start, size uint64) {
	masks := openTables()
	allow(start, start+size, paging.Device)
	flushTables(masks)
}

// protect leaves each page the rights that it needs: code can be executed and not
// written, constants neither, all else can be written and not executed; what is no RAM is absent. It runs before
// any package is initialized, but there are guard pages by then.
func protect() {
	text, etext := runtime.TextRegion()
	codeEnd := (etext + pageSize - 1) &^ (pageSize - 1)
	masks := openTables()
	end := uint64(hereStart)
	for _, r := range allRAM.Ranges() {
		if r.End <= hereStart || r.Start >= hereEnd {
			continue
		}
		restrict(end, r.Start, paging.Absent)
		end = min(r.End, hereEnd)
		restrict(r.Start, min(end, text), paging.Data)
		restrict(max(r.Start, codeEnd), end, paging.Data)
	}
	restrict(end, hereEnd, paging.Absent)
	for i := 0; ; i++ {
		s, ok := machine.ImageSegment(i)
		if !ok {
			break
		}
		if s.Kind != elf.PT_LOAD || s.Flags&elf.PF_W != 0 {
			continue
		}
		if s.Flags&elf.PF_X == 0 {
			restrict(s.Start, s.End, paging.Constant)
		} else {
			restrict(s.Start, text, paging.Constant)
			restrict(text, s.End, paging.Code)
		}
	}
	flushTables(masks)
}

// openTables makes tables ready to be changed, with all interrupts off until flushTables.
func openTables() (masks uint64) {
	masks = maskAll()
	if tables.Root == 0 {
		spare := (uint64(uintptr(unsafe.Pointer(&tableRoom))) + pageSize - 1) &^ (pageSize - 1)
		tables = paging.Tables{Root: imageStart, Spare: spare, End: spare + moreTables*pageSize}
	}
	return masks
}

// allow gives pages rights. What fails leaves them what they have; nothing can be logged yet.
func allow(start, end uint64, r paging.Rights) {
	if start < end {
		complete(tables.Set(start, end, r))
	}
}

func complete(err error) {
	if err != nil && !unprotected {
		unprotected = true
		machine.Problem("memory protection is not complete")
	}
}

// restrict is allow, but what is absent stays so.
func restrict(start, end uint64, r paging.Rights) {
	if start < end {
		complete(tables.Restrict(start, end, r))
	}
}

// guard makes the page at addr absent: an access is a data abort.
//
//go:linkname guard runtime/goos.Guard
func guard(addr uintptr) {
	masks := openTables()
	allow(uint64(addr), uint64(addr)+pageSize, paging.Absent)
	flushTables(masks)
}
