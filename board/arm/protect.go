//go:build tamago && arm

package arm

import (
	"runtime"
	"unsafe"

	"gasp/board/arm/paging"
	"gasp/board/machine"
)

var (
	tables paging.Tables
)

// cpu_arm.s
func unlockTables() (domains uint32)
func lockTables(domains uint32)
func cleanDataCache() // boot_arm.s

// protect leaves each page the rights that it needs: code can be executed and not
// written, constants neither, all else can be written and not executed. The
// translation tables and vectors cannot be written either. The memory that devices read and
// write is not cached: they do not look into the cache; nor is that which is to outlive a reset,
// in which caches are lost. What is neither RAM nor one of the
// devices is absent. It runs before any package is initialized.
func protect(devices []Devices) {
	domains := unlockTables()
	openTables()
	text, etext := runtime.TextRegion()
	ramEnd := uint64(ramBase) + uint64(ramSize)
	allow(ramBase, uint64(text), paging.ReadWrite)
	allow(pageUp(uint64(etext)), ramEnd, paging.ReadWrite)
	allow(0, ramBase, paging.Absent)
	allow(ramEnd, 1<<32, paging.Absent)
	for _, d := range devices {
		allow(uint64(d.Start), uint64(d.End), paging.Device)
	}
	for i := 0; ; i++ {
		constants, code, ok := machine.ImageUnwritten(i)
		if !ok {
			break
		}
		allow(constants.Start, pageUp(constants.End), paging.ReadOnly)
		allow(code.Start, pageUp(code.End), paging.Code)
	}
	allow(vectors, vectors+paging.PageSize, paging.Code)
	allow(firstRoom, roomEnd, paging.ReadOnly)
	shared := machine.DeviceMemory()
	start := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(shared))))
	cleanDataCache()
	allow(start&^(paging.PageSize-1), pageUp(start+uint64(len(shared))), paging.Uncached)
	allow(keepStart, imageStart, paging.Uncached)
	lockTables(domains)
	cleanDataCache() // of what it took of that memory meanwhile
}

// Devices are addresses of registers, multiples of 1 MiB.
type Devices struct{ Start, End uint32 }

func pageUp(a uint64) uint64 { return (a + paging.PageSize - 1) &^ (paging.PageSize - 1) }

func openTables() {
	if tables.First == nil {
		tables = paging.Tables{First: words(firstRoom, moreRoom), Room: words(moreRoom, roomEnd), Base: moreRoom}
	}
}

// allow gives pages rights. What fails leaves them what they have.
func allow(start, end uint64, r paging.Rights) { machine.Protected(tables.Set(start, end, r)) }

// guard makes the page at addr absent: an access is a data abort.
//
//go:linkname guard runtime/goos.Guard
func guard(addr uintptr) {
	domains := unlockTables()
	openTables()
	machine.Protected(tables.Set(uint64(addr), uint64(addr)+paging.PageSize, paging.Absent))
	lockTables(domains)
}
