//go:build tamago

package arm64

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// Start is called at Hwinit1 by the package of the board.
func Start() {
	startClock()
	protect()
	machine.Start(clock.offset+ticksToNs(entered), registerNames[:])
}

func framePointer() uintptr

//go:linkname fp gasp/board/machine.framePointer
func fp() uintptr { return framePointer() }

//go:linkname hwinit0 runtime/goos.Hwinit0
func hwinit0() {}
