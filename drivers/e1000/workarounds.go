package e1000

// Registers and bits that the PCI Express controllers need set as Linux does
// (drivers/net/ethernet/intel/e1000e/82571.c, e1000_initialize_hw_bits_82571 and
// e1000_init_hw_82571): mostly undocumented, each against a fault of the silicon.
const (
	regCTRLEXT = 0x0018
	regPBAECC  = 0x1100
	regGCR     = 0x5B00
	regGCR2    = 0x5B64

	ctrlExtDMADynClk = 1 << 19 // clock gating that stops DMA of 82571, 82572
	ctrlExtBit22     = 1 << 22
	ctrlExtBit23     = 1 << 23
	pbaECCCorrect    = 1 << 0
	rfctlIPv6ExtDis  = 3 << 16 // IPv6 extension headers that stop the receiver
	rfctlEXTEN       = 1 << 15 // another format of receive descriptors
	gcrBit22         = 1 << 22 // PCI Express completions of 82574, 82583
	gcrL1            = 1 << 27
	gcr2Bit0         = 1 << 0

	tarcDefault = tarcEnable | tarcCount
	tarc0I82571 = tarcDefault | 1<<23 | 1<<24 | 1<<25 | 1<<26
	tarc1I82571 = tarcDefault | 1<<22 | 1<<24 | 1<<25 | 1<<26 | 1<<28 // 28: TCTL.MULR is 0
	tarc0I82574 = tarcDefault | 1<<26
)

// workarounds programs what the family needs beside its rings.
func (d *Device) workarounds() {
	tarc0, tarc1, rfctl := uint32(tarcDefault), uint32(tarcDefault), uint32(0)
	switch d.id.family {
	case family82571:
		tarc0, tarc1, rfctl = tarc0I82571, tarc1I82571, rfctlIPv6ExtDis
		d.modify(regCTRLEXT, ctrlExtDMADynClk, 0)
		if !d.id.is82572() {
			d.modify(regPBAECC, 0, pbaECCCorrect)
		}
	case family82573:
		rfctl = rfctlIPv6ExtDis
		d.modify(regCTRLEXT, ctrlExtBit23, ctrlExtBit22)
		d.modify(regGCR, 0, gcrL1)
	case family82574:
		tarc0 = tarc0I82574
		d.modify(regCTRLEXT, ctrlExtBit23, ctrlExtBit22)
		d.modify(regGCR, 0, gcrBit22|gcrL1)
		d.modify(regGCR2, 0, gcr2Bit0)
	default:
		return
	}
	d.regs.Write32(regTARC0, tarc0)
	d.regs.Write32(regTARC1, tarc1)
	d.regs.Write32(regRFCTL, rfctl)
	d.regs.Write32(regMRQC, 0)
}

func (d *Device) modify(off, clear, set uint32) {
	d.regs.Write32(off, d.regs.Read32(off)&^clear|set)
}

// txdctl is TXDCTL with write-back of each descriptor (SDM 13.4.43).
func (d *Device) txdctl() uint32 {
	switch {
	case d.id.family.express():
		return txdctlGRAN | txdctlWTHRESH1 | txdctlBit22
	case d.id.family == family82544:
		return txdctlGRAN
	}
	return txdctlGRAN | txdctlWTHRESH1
}
