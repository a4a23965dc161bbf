//go:build tamago && amd64

package x86

// What AMD's processors of two families make of a halt of all their cores (BIOS and Kernel Developer's Guide for AMD Family 10h
// Processors, MSRC001_0055).
const (
	msrInterruptPending = 0xc0010055

	smiOnHalt = 1 << 27 // the firmware's SMI handler puts them to sleep
	c1eOnHalt = 1 << 28
)

// keepTimer has the local APIC's timer run while all processors halt: in the sleep that firmware may have set up for that (C1E) it
// stands, and nothing else wakes them in time.
func keepTimer() {
	if hasHypervisor() || !processorModel().HaltMayStopTimer() {
		return
	}
	if v := readMSR(msrInterruptPending); v&(smiOnHalt|c1eOnHalt) != 0 {
		writeMSR(msrInterruptPending, v&^(smiOnHalt|c1eOnHalt))
	}
}
