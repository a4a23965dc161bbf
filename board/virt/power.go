//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/machine"
)

// psci is how firmware is asked; cpuOn the number of its function that starts a processor.
var (
	psci  arm64.Conduit
	cpuOn uint64 = arm64.PSCICPUOn
)

// findPSCI looks how the firmware is asked.
func findPSCI() {
	switch {
	case has.PSCI.HVC:
		psci = arm64.HVC
	case has.PSCI.SMC:
		psci = arm64.SMC
	}
	if has.PSCI.CPUOn != 0 {
		cpuOn = has.PSCI.CPUOn
	}
}

const settle = 50_000_000 // ns until the machine is gone

//go:linkname reset gasp/board/machine.reset
func reset() {
	arm64.WriteBack(arm64.KeepMemory())
	for {
		arm64.PSCI(psci, arm64.PSCISystemReset, 0, 0, 0)
		machine.Pause(settle)
	}
}

//go:linkname powerOff gasp/board/machine.powerOff
func powerOff() {
	arm64.PSCI(psci, arm64.PSCISystemOff, 0, 0, 0)
	machine.Pause(settle)
}
