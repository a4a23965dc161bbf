package gic

import "gasp/drivers/reg"

// The interface of a processor in version 2 (V2 4.4).
const (
	giccCTLR  = 0x000
	giccPMR   = 0x004
	giccBPR   = 0x008
	giccIAR   = 0x00C
	giccEOIR  = 0x010
	giccHPPIR = 0x018
	giccAPR   = 0x0D0
	giccNSAPR = 0x0E0
	aprs      = 4

	cpuGroup0 = 1 << 0
	cpuGroup1 = 1 << 1
	cpuAck    = 1 << 2 // IAR takes interrupts of group 1, too
	cpuFIQ    = 1 << 3 // group 0 as FIQ

	numberBits = 0x3FF // of what IAR tells, the rest is the sender
	tokenBits  = 0x1FFF
)

// interface2 uses one register for both groups: the other ones, for group 1, QEMU does not have (hw/intc/arm_gic.c). So it
// looks first what is pending. One of the other group that comes in between, or goes, is what it takes then: Acknowledge lets that come again.
type interface2 struct {
	regs   reg.Space
	hasFIQ bool
	urgent *set // those of group 0, if there is that group
}

func (i *interface2) open(hasFIQ bool) {
	i.hasFIQ = hasFIQ
	i.mask(Any)
	i.regs.Write32(giccBPR, 0)
	i.forget()
	if hasFIQ {
		i.regs.Write32(giccCTLR, cpuGroup0|cpuGroup1|cpuAck|cpuFIQ)
	} else {
		i.regs.Write32(giccCTLR, cpuGroup0) // the one bit of the non-secure view (V2 4.4.1)
	}
}

func (i *interface2) mask(priority uint32) {
	i.regs.Write32(giccPMR, priority)
	i.regs.Read32(giccPMR) // it is there
}

func (i *interface2) acknowledge(g Group) uint32 {
	if i.hasFIQ {
		id := i.regs.Read32(giccHPPIR) & numberBits
		if id >= None || i.urgent.has(id) != (g == Urgent) {
			return None
		}
	}
	return i.regs.Read32(giccIAR) & tokenBits
}

func (i *interface2) end(_ Group, token uint32) { i.regs.Write32(giccEOIR, token) }

func (i *interface2) forget() {
	for n := range uint32(aprs) {
		i.regs.Write32(giccAPR+4*n, 0)
		i.regs.Write32(giccNSAPR+4*n, 0)
	}
}
