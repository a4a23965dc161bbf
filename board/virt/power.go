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

// findPSCI reads the tree (Linux Documentation/devicetree/bindings/arm/psci.yaml).
func findPSCI() {
	n, ok := find("arm,psci-1.0", "arm,psci-0.2", "arm,psci")
	if !ok {
		return
	}
	switch n.String("method") {
	case "hvc":
		psci = arm64.HVC
	case "smc":
		psci = arm64.SMC
	}
	if v, ok := n.Uint32("cpu_on"); ok && !n.Compatible("arm,psci-0.2") {
		cpuOn = uint64(v)
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
