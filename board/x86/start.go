//go:build tamago && amd64

// Package x86 is what the boards with an x86-64 processor share: from the PVH
// entry point to what package machine asks of a processor.
package x86

import (
	"runtime/debug"
	"strconv"
	_ "unsafe" // go:linkname

	_ "github.com/usbarmory/tamago/amd64" // runtime/goos.Hwinit0

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/netlog"
)

//go:linkname start runtime/goos.Hwinit1
func start() {
	findAPIC()
	enableAPIC()
	setPAT()
	keepTimer()
	protect()
	rsdp := rootPointer()
	fixed, fixedError = acpi.ParseFADT(at, rsdp)
	startSerial(rsdp)
	startScreen()
	startClock()
	startMachineChecks(0)
	admitNMIs(rsdp)
	if machine.Bare {
		startTraps()
		keepBare()
		debug.SetTraceback("all")
	}
	combineKeep()
	rememberWakeUp(0)
	machine.ImageOffset = Physical(0)
	machine.Start(clock.wallStart, registerNames[:])
}

func init() {
	netlog.Default().Log(netlog.Debug, "the image lies at 0x"+strconv.FormatUint(place, 16))
	rsdp := rootPointer()
	if fixedError != nil {
		netlog.Default().Log(netlog.Notice, fixedError.Error()+": no power-off")
	}
	if byFirmware {
		machine.SayFirmwareTime()
	}
	if apic.x2 {
		netlog.Default().Log(netlog.Debug, "firmware has left the local APIC in x2APIC mode")
	}
	reportScreen()
	openPower()
	reportMachineChecks()
	startWatchdog(rsdp)
}
