//go:build tamago

package arm64

import (
	"runtime"
	"unsafe"

	"gasp/board/arm64/paging"
	"gasp/board/machine"
	"gasp/board/ram"
)

const (
	// moreTables is for each edge between rights, and for memory and registers that cpuinit did not map; otherTables is how many of them RAM leaves to
	// registers, stacks and the image.
	moreTables  = 192
	otherTables = 64
	pageSize    = paging.PageSize
	blockSize   = BlockSize

	earlyDevices = 1 << 30 // the end of what cpuinit has mapped as registers

	// smallRAM is how much RAM is mapped by blocks of 2 MiB, of which stacks with guard pages are made (kernel.StackBlock): the lowest is
	// taken for them. A block of 1 GiB stays whole.
	smallRAM = 32 << 30
)

var (
	tableRoom [(moreTables + 1) * pageSize]byte
	tables    paging.Tables
	changing  machine.TableLock
)

// cpu_arm64.s
func maskAll() (masks uint64)
func flushTables(masks uint64)
func flushTLB()
func exchange(e *uint64, physical, v uint64)

// mapMemory maps RAM that is not the image's, and takes out of l what there are no tables for. Where the image lies only its code stays mapped: further processors start there, and so does replace what
// RAM needs that ends in the middle of a block of registers.
func mapMemory(l *ram.List, size uint64) {
	text, etext := runtime.TextRegion()
	code, codeEnd := Physical(uintptr(text)), Physical(uintptr(etext+pageSize-1)&^(pageSize-1))
	masks := openTables()
	allow(place, code, paging.Absent)
	allow(codeEnd, blockEnd(place+size), paging.Absent)
	for _, r := range l.Ranges() {
		allow(r.Start, min(r.End, earlyDevices), paging.Absent)
	}
	closeTables(masks)
	masks = openTables()
	allow(code, codeEnd, paging.Code)
	var lost ram.List
	small := uint64(smallRAM)
	tables.End -= otherTables * pageSize
	for _, r := range l.Ranges() {
		n := min(r.Size(), small)
		small -= n
		err := tables.Set(r.Start, r.Start+n, paging.Data)
		if err == nil && n < r.Size() {
			tables.Large = true
			err = tables.Set(r.Start+n, r.End, paging.Data)
			tables.Large = false
		}
		if err != nil {
			lost.Add(r.Start, r.Size())
		}
	}
	tables.End += otherTables * pageSize
	closeTables(masks)
	for _, r := range lost.Ranges() {
		l.Remove(r.Start, r.Size())
	}
	if lost.Total() != 0 {
		machine.Problem("RAM is in too many pieces: not all of it is used")
	}
}

// MapRAM maps memory before it is known what of it is RAM. What it may have been mapped as, registers, is forgotten before (Arm ARM, D8.16.1:
// break before make).
func MapRAM(start, size uint64) {
	if start < earlyDevices {
		mapAs(start&^(blockSize-1), blockEnd(start+size), paging.Absent)
	}
	mapAs(start, start+size, paging.Data)
}

// mapAs gives pages rights.
func mapAs(start, end uint64, r paging.Rights) {
	machine.Steady(func() {
		masks := openTables()
		allow(start, end, r)
		closeTables(masks)
	})
}

func blockEnd(addr uint64) uint64 { return (addr + blockSize - 1) &^ (blockSize - 1) }

// MapDevice maps registers: those above the first GiB are not mapped else.
func MapDevice(start, size uint64) { mapAs(start, start+size, paging.Device) }

// MapConfiguration maps PCI Express's configuration space, of which a write is to be done when the processor goes on (PCI Express Base Specification 5.0, 7.2.2). What
// lies below 1 GiB has been mapped as registers: then nobody may use what is beside it, so it comes before there are other processors.
func MapConfiguration(start, size uint64) { mapAs(start, start+size, paging.Waited) }

// IsImage tells whether some of an address range is where the image is mapped.
func IsImage(start, size uint64) bool {
	return start < imageStart+uint64(ramSize) && start+size > imageStart
}

// protect leaves each page of the image the rights that it needs: code can be executed and not
// written, constants and translation tables neither, all else can be written and not executed. It runs before
// any package is initialized, but there are guard pages by then.
func protect() {
	text, etext := runtime.TextRegion()
	codeEnd := (etext + pageSize - 1) &^ (pageSize - 1)
	end := imageStart + uint64(ramSize)
	masks := openTables()
	restrict(imageStart, text, paging.Data)
	restrict(codeEnd, end, paging.Data)
	restrict(end, blockEnd(end), paging.Absent)
	restrict(imageStart, tablesEnd, paging.Constant)
	restrict(roomStart(), roomStart()+moreTables*pageSize, paging.Constant)
	for i := 0; ; i++ {
		constants, code, ok := machine.ImageUnwritten(i)
		if !ok {
			break
		}
		restrict(constants.Start, constants.End, paging.Constant)
		restrict(code.Start, code.End, paging.Code)
	}
	closeTables(masks)
}

// roomStart is the first whole page of tableRoom.
func roomStart() uint64 {
	return (uint64(uintptr(unsafe.Pointer(&tableRoom))) + pageSize - 1) &^ (pageSize - 1)
}

// openTables makes tables ready to be changed, by this processor alone, with all interrupts off until closeTables. A goroutine must be machine.Steady.
func openTables() (masks uint64) {
	masks = maskAll()
	changing.Lock()
	if tables.Root == 0 {
		makeWindow()
		spare := inWindow(roomStart())
		tables = paging.Tables{Root: windowStart, Spare: spare, End: spare + moreTables*pageSize, Offset: place - windowStart, Replace: replace}
	}
	openWindow()
	return masks
}

// closeTables makes what was changed hold on all processors.
func closeTables(masks uint64) {
	changing.Unlock()
	flushTables(masks)
}

// replace does so with a descriptor in between that maps nothing. As long as there is one processor the MMU goes off for it: what is mapped
// may be the code, the stack and these tables. Later it is what nobody uses yet: blocks that stacks of threads are made of (kernel.StackBlock).
func replace(_ uint64, e *uint64, v uint64) {
	if !others {
		exchange(e, uint64(uintptr(unsafe.Pointer(e)))+tables.Offset, v)
		return
	}
	*e = 0
	flushTLB()
	*e = v
}

// allow gives pages rights. What fails leaves them what they have.
func allow(start, end uint64, r paging.Rights) {
	if start < end {
		machine.Protected(tables.Set(start, end, r))
	}
}

// restrict is allow, but what is absent stays so.
func restrict(start, end uint64, r paging.Rights) {
	if start < end {
		machine.Protected(tables.Restrict(start, end, r))
	}
}

// guard makes the page at addr absent: an access is a data abort.
//
//go:linkname guard runtime/goos.Guard
func guard(addr uintptr) {
	masks := openTables()
	allow(uint64(addr), uint64(addr)+pageSize, paging.Absent)
	closeTables(masks)
}
