//go:build tamago && arm

package arm

import "gasp/drivers/reg"

// The interrupt controller, GICv2 with two groups (IHI 0048B, 4.3 and 4.4): group 0 comes as
// FIQ, which nothing masks for long, all else as IRQ.
const (
	// In the Cortex-A7 (DDI 0464, table 8-1).
	distributorOffset = 0x1000
	interfaceOffset   = 0x2000
	windowSize        = 0x1000

	gicdCTLR      = 0x000
	gicdTYPER     = 0x004
	gicdIGROUPR   = 0x080
	gicdISENABLER = 0x100
	gicdICENABLER = 0x180
	gicdICPENDR   = 0x280
	gicdIPRIORITY = 0x400
	gicdITARGETSR = 0x800

	giccCTLR = 0x00
	giccPMR  = 0x04
	giccIAR  = 0x0c
	giccEOIR = 0x10

	bothGroups  = 3
	ackControl  = 1 << 2 // IAR takes interrupts of group 1, too: an emulator has no AIAR
	fiqEnable   = 1 << 3
	anyPriority = 0xff

	priorityFIQ = 0x20
	priorityIRQ = 0xa0 // in the lower half, as of what is not secure

	noInterrupt = 1020 // from here on an identifier is none
)

// fiqs are the interrupts that come as FIQ.
var fiqs [32]uint32

// Not pointers to heap memory: interrupt handlers use them.
var distributor, cpuInterface reg.MMIO

// FindGIC says where the controller is. It comes before everything that asks NonSecure, and any interrupt; a second call does nothing.
func FindGIC(base uint32) {
	if distributor.Base != 0 {
		return
	}
	distributor = reg.MMIO{Base: uintptr(base) + distributorOffset, Size: windowSize}
	cpuInterface = reg.MMIO{Base: uintptr(base) + interfaceOffset, Size: windowSize}
	world.nonSecure = !groups()
}

// groups tells whether interrupts can be put into group 0 and 1.
func groups() bool {
	const shared = gicdIGROUPR + 4 // of 32 to 63, which all controllers have
	d := &distributor
	was := d.Read32(shared)
	d.Write32(shared, ^was)
	changed := d.Read32(shared) != was
	d.Write32(shared, was)
	return changed
}

// startGIC takes the controller over, with all interrupts off.
func startGIC() {
	d := &distributor
	d.Write32(gicdCTLR, 0)
	lines := d.Read32(gicdTYPER)&0x1f + 1
	for i := range lines {
		d.Write32(gicdICENABLER+4*i, ^uint32(0))
		d.Write32(gicdICPENDR+4*i, ^uint32(0))
		d.Write32(gicdIGROUPR+4*i, ^uint32(0))
	}
	for i := range lines * 32 {
		d.Write8(gicdIPRIORITY+i, priorityIRQ)
		if i >= 32 {
			d.Write8(gicdITARGETSR+i, 1)
		}
	}
	cpuInterface.Write32(giccPMR, anyPriority)
	cpuInterface.Write32(giccCTLR, bothGroups|ackControl|fiqEnable)
	d.Write32(gicdCTLR, bothGroups)
}

// EnableIRQ lets an interrupt come, as an IRQ.
func EnableIRQ(id uint32) { distributor.Write32(gicdISENABLER+id/32*4, 1<<(id%32)) }

// DisableIRQ keeps it from coming.
func DisableIRQ(id uint32) { distributor.Write32(gicdICENABLER+id/32*4, 1<<(id%32)) }

// EnableFIQ lets an interrupt come, as an FIQ. There are none where NonSecure.
func EnableFIQ(id uint32) {
	d := &distributor
	d.Write32(gicdIGROUPR+id/32*4, d.Read32(gicdIGROUPR+id/32*4)&^(1<<(id%32)))
	d.Write8(gicdIPRIORITY+id, priorityFIQ)
	fiqs[id/32%uint32(len(fiqs))] |= 1 << (id % 32)
	EnableIRQ(id)
}

// TakeFIQ acknowledges an FIQ and ends it; what made it still has to let go of its line. An
// IRQ that it finds instead comes again, because its line is still held.
func TakeFIQ() { takeInterrupt() }

// takeInterrupt acknowledges the most urgent interrupt that is pending and ends it: all lines
// are level-sensitive. It returns the identifier, noInterrupt or more if there is none.
func takeInterrupt() uint32 {
	id := cpuInterface.Read32(giccIAR)
	if id&0x3ff < noInterrupt {
		cpuInterface.Write32(giccEOIR, id)
	}
	return id & 0x3ff
}
