//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/machine"
	"gasp/board/uefi"
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
	if machine.Settings().FirmwareReset || psci == arm64.NoConduit {
		askUEFI(uefi.ResetWarm)
	}
	for {
		arm64.PSCI(psci, arm64.PSCISystemReset, 0, 0, 0)
		machine.Pause(settle)
	}
}

//go:linkname powerOff gasp/board/machine.powerOff
func powerOff() {
	if machine.Settings().FirmwareReset || psci == arm64.NoConduit {
		askUEFI(uefi.ResetShutdown)
	}
	arm64.PSCI(psci, arm64.PSCISystemOff, 0, 0, 0)
	machine.Pause(settle)
}

// askedUEFI means that ResetSystem was called: what it faults at leads here again.
var askedUEFI bool

// askUEFI calls the runtime service ResetSystem (UEFI 2.10, 8.5.1). Firmware's code and data are mapped for that alone, as nothing of this program is to run any
// more: it may write to its code.
func askUEFI(how uint64) {
	service, ok := uefi.Given.ResetService()
	if !ok {
		return
	}
	if askedUEFI {
		say("gasp: UEFI's ResetSystem has failed\r\n")
		return
	}
	askedUEFI = true
	mapped := true
	uefi.Given.Runtime(func(start, size uint64, registers bool) {
		if !arm64.IsImage(start, size) && arm64.MapFirmware(start, size, registers) != nil {
			mapped = false
		}
	})
	if !mapped {
		return
	}
	say("gasp: UEFI's ResetSystem\r\n")
	const success, noData = 0, 0
	arm64.CallFirmware(service, how, success, noData, noData)
	machine.Pause(settle)
	say("gasp: UEFI's ResetSystem has returned\r\n")
}

// say puts text on the serial line without any memory, as the logger has ended.
func say(text string) {
	for i := range len(text) {
		putSerial(text[i])
	}
}
