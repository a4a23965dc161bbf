//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/netlog"
)

// The local APIC's interrupt pins (Intel SDM volume 3, 11.5.1).
const (
	apicID      = 0x020
	apicICR     = 0x300
	apicICRHigh = 0x310 // destination
	apicLINT0   = 0x350
	lintStride  = 0x010
	deliverNMI  = 4 << 8
	icrAssert   = 1 << 14
)

// admitNMIs lets non-maskable interrupts from outside in, to the processor that it
// runs on, at one of its pins. The other one, behind which are the PC's old interrupt
// controllers, is masked: nobody serves those, and QEMU's processors may overlook an
// NMI that comes together with a change there (both come of the interval timer).
func admitNMIs(rsdp uint64) {
	where, _ := acpi.ParseMADT(at, rsdp)
	for pin := range uint32(2) {
		entry := uint32(lvtMasked)
		if pin == uint32(where.LINT) {
			entry = deliverNMI
		}
		apic.Write32(apicLINT0+lintStride*pin, entry)
	}
}

// startWatchdog makes non-maskable interrupts to look for hangs, if the command
// line wants it.
func startWatchdog(rsdp uint64) {
	where, _ := acpi.ParseMADT(at, rsdp)
	settings := machine.Settings()
	if settings.Watchdog == 0 {
		return
	}
	if machine.Bare {
		return // its handlers cannot go on after a non-maskable interrupt
	}
	if settings.Panic != 0 { // otherwise the machine is to stay as it is
		startTCO(uint64(settings.Watchdog) * 1_000_000_000)
	}
	if !startTick(where, rsdp) {
		netlog.Default().Log(netlog.Notice, "no timer makes non-maskable interrupts: a hang with interrupts off is not noticed")
		return
	}
	machine.TicksBegin()
}

//go:linkname interruptSelf gasp/board/machine.interruptSelf
func interruptSelf() {
	apic.send(apic.id(), deliverNMI|icrAssert)
}
