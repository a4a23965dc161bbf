//go:build tamago

package arm64

import (
	"runtime/debug"
	"unsafe"

	"gasp/board/machine"
	_ "gasp/board/uefi/stub" // the entry point of an image for UEFI
)

// Start is called at Hwinit1 by the package of the board. now is the time in ns since 1970 when the counter was at tick, 0 if it does not know.
func Start(now int64, tick uint64) {
	startClock()
	if machine.Bare {
		loadVectors()
		debug.SetTraceback("all")
		mapBare()
	}
	if now != 0 {
		clock.offset = now - ticksToNs(tick)
	}
	protect()
	uncacheKeep()
	machine.ImageOffset = Physical(0)
	machine.Start(clock.offset+ticksToNs(entered), registerNames[:])
}

func framePointer() uintptr // cpu_arm64.s

// fp leads to that of its caller.
//
//go:linkname fp gasp/board/machine.framePointer
func fp() uintptr {
	p := framePointer()
	return *(*uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&p)))
}

//go:linkname hwinit0 runtime/goos.Hwinit0
func hwinit0() {}
