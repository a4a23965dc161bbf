package gic

import "gasp/drivers/reg"

// The interface of a processor in version 2 (V2 4.4).
const (
	giccCTLR  = 0x000
	giccPMR   = 0x004
	giccBPR   = 0x008
	giccIAR   = 0x00C
	giccEOIR  = 0x010
	giccAIAR  = 0x020
	giccAEOIR = 0x024
	giccAPR   = 0x0D0
	giccNSAPR = 0x0E0
	aprs      = 4

	cpuGroup0 = 1 << 0
	cpuGroup1 = 1 << 1
	cpuFIQ    = 1 << 3 // group 0 as FIQ
)

type interface2 struct {
	regs   reg.Space
	hasFIQ bool
}

func (i *interface2) open(hasFIQ bool) {
	i.hasFIQ = hasFIQ
	i.regs.Write32(giccPMR, allowAll)
	i.regs.Write32(giccBPR, 0)
	i.forget()
	if hasFIQ {
		i.regs.Write32(giccCTLR, cpuGroup0|cpuGroup1|cpuFIQ)
	} else {
		i.regs.Write32(giccCTLR, cpuGroup0) // the one bit of the non-secure view (V2 4.4.1)
	}
}

// In the secure view group 1 has registers of its own (V2 4.4.11).
func (i *interface2) acknowledge(g Group) uint32 {
	const token = 0x1FFF // number and sender
	if g == IRQ && i.hasFIQ {
		return i.regs.Read32(giccAIAR) & token
	}
	return i.regs.Read32(giccIAR) & token
}

func (i *interface2) end(g Group, token uint32) {
	if g == IRQ && i.hasFIQ {
		i.regs.Write32(giccAEOIR, token)
		return
	}
	i.regs.Write32(giccEOIR, token)
}

func (i *interface2) forget() {
	for n := range uint32(aprs) {
		i.regs.Write32(giccAPR+4*n, 0)
		i.regs.Write32(giccNSAPR+4*n, 0)
	}
}
