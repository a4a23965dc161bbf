//go:build tamago && arm

package arm

import (
	"runtime/debug"
	_ "unsafe" // go:linkname

	"gasp/board/fwcfg"
	"gasp/board/machine"
)

// Start is called at Hwinit1 by the package of the board, with the clock and the serial line
// running, and the interrupt controller found.
func Start(devices []Devices) {
	if machine.Bare {
		startTraps()
		debug.SetTraceback("all")
	}
	protect(devices)
	startGIC()
	EnableIRQ(timerIRQ())
	machine.Start(Time(), registerNames[:])
}

// There is one processor.

//go:linkname thisCPU gasp/board/machine.thisCPU
//go:nosplit
func thisCPU() int { return 0 }

//go:linkname cpus runtime/goos.CPUs
func cpus() uint64 { return 1 }

//go:linkname startCPU runtime/goos.StartCPU
func startCPU(_ uint64, _, _ uintptr, _ *uint32) bool { return false }

//go:linkname cpuUp runtime/goos.CPUUp
func cpuUp(uint64) {}

//go:linkname kick runtime/goos.Kick
func kick(uint64) {}

//go:linkname stop runtime/goos.Stop
func stop(uint64) {}

//go:linkname firmwareFile gasp/board/machine.firmwareFile
func firmwareFile(string, []byte) (int, error) { return 0, fwcfg.ErrNoDevice }
