//go:build tamago && amd64

package x86

import (
	"gasp/drivers/reg"
)

// IA32_APIC_BASE (Intel SDM volume 3, 11.4.4 and 11.12.1).
const (
	msrAPICBase = 0x1b

	apicBaseEnable  = 1 << 11
	apicBaseX2      = 1 << 10
	apicBaseAddress = 0x000f_ffff_ffff_f000

	msrX2APIC = 0x800 // registers of 16 bytes each, in x2APIC mode
)

const (
	apicUsual = 0xfee00000 // where it is after a reset
	apicSize  = 0x400
)

// A localAPIC is the processor's own interrupt controller. Its registers are in memory, but
// model specific ones where firmware has left it in x2APIC mode: the way back is closed
// on some processors.
type localAPIC struct {
	regs reg.MMIO
	x2   bool
}

// apic is not a pointer to heap memory: interrupt handlers use it.
var apic = localAPIC{regs: reg.MMIO{Base: apicUsual, Size: apicSize}}

// cpu_amd64.s
func readMSR(n uint32) uint64
func writeMSR(n uint32, v uint64)

// findAPIC looks where the first processor's is. It may be called again.
func findAPIC() {
	v := readMSR(msrAPICBase)
	switch {
	case v&apicBaseX2 != 0:
		apic.x2 = true
	case v&apicBaseAddress != apicUsual:
		if w := Window(v&apicBaseAddress, apicSize); w != nil {
			apic.regs = *w
		}
	}
}

// joinAPIC puts the one of a further processor where the first one's is.
func joinAPIC() {
	v := readMSR(msrAPICBase)
	want := v&^(apicBaseAddress|apicBaseX2) | uint64(apic.regs.Base) | apicBaseEnable
	if apic.x2 {
		want |= apicBaseX2
	} else if v&apicBaseX2 != 0 {
		writeMSR(msrAPICBase, v&^(apicBaseEnable|apicBaseX2))
	}
	if v != want {
		writeMSR(msrAPICBase, want)
	}
}

//go:nosplit
func (a *localAPIC) Read32(off uint32) uint32 {
	if a.x2 {
		return uint32(readMSR(msrX2APIC + off>>4))
	}
	return a.regs.Read32(off)
}

//go:nosplit
func (a *localAPIC) Write32(off, v uint32) {
	if a.x2 {
		writeMSR(msrX2APIC+off>>4, uint64(v))
		return
	}
	a.regs.Write32(off, v)
}

// id is this processor's.
//
//go:nosplit
func (a *localAPIC) id() uint32 {
	if a.x2 {
		return a.Read32(apicID)
	}
	return a.Read32(apicID) >> 24
}

// send makes a processor an interrupt, by its id (11.6.1, 11.12.9).
func (a *localAPIC) send(id, command uint32) {
	if a.x2 {
		writeMSR(msrX2APIC+apicICR>>4, uint64(id)<<32|uint64(command))
		return
	}
	for n := 0; a.Read32(apicICR)&icrPending != 0 && n < maxPending; n++ {
	}
	a.Write32(apicICRHigh, id<<24)
	a.Write32(apicICR, command)
}
