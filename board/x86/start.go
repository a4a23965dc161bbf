//go:build tamago && amd64

// Package x86 is what the boards with an x86-64 processor share: from the PVH
// entry point to what package machine asks of a processor.
package x86

import (
	"runtime/debug"
	_ "unsafe" // go:linkname

	_ "github.com/usbarmory/tamago/amd64" // runtime/goos.Hwinit0

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/netlog"
)

//go:linkname start runtime/goos.Hwinit1
func start() {
	findAPIC()
	setPAT()
	protect()
	startSerial()
	startClock()
	admitNMIs(rootPointer())
	if machine.Bare {
		startTraps()
		debug.SetTraceback("all")
	}
	machine.Start(clock.wallStart, registerNames[:])
}

func init() {
	rsdp := rootPointer()
	var err error
	if fixed, err = acpi.ParseFADT(at, rsdp); err != nil {
		netlog.Default().Log(netlog.Notice, err.Error()+": no power-off")
	}
	startWatchdog(rsdp)
	rememberWakeUp(0)
}
