package e1000

// Registers and bits that the rows of the families change, most of them undocumented and
// each against a fault of the silicon: drivers/net/ethernet/intel/e1000e of Linux,
// 82571.c (e1000_initialize_hw_bits_82571, e1000_init_hw_82571), ich8lan.c
// (e1000_initialize_hw_bits_ich8lan, e1000_check_for_copper_link_ich8lan) and netdev.c
// (e1000_configure_tx, e1000e_reset). Numbers are those of errata in the specification updates, which
// docs/hardware-e1000.md names, as well as who says so.
const (
	regCTRLEXT   = 0x0018
	regFEXTNVM6  = 0x0010 // of I217 and later, where others have EECD
	regFEXTNVM4  = 0x0024
	regFEXTNVM7  = 0x00E4
	regPHPM      = 0x0E14 // of 82580 and later
	regEEER      = 0x0E30
	regPBECCSTS  = 0x100C // of I217 and later
	regPCIEANA   = 0x0F18 // PCIEANACFG of I219 and later
	regIOSFPC    = 0x0F28
	regPBAECC    = 0x1100
	regRXPBS     = 0x2404
	regKABGTXD   = 0x3004 // of chipsets
	regTXPBS     = 0x3404
	regTXDCTL1   = 0x3928
	regMANC      = 0x5820
	regGCR       = 0x5B00
	regGCR2      = 0x5B64
	regFEXTNVM9  = 0x5BB4
	regFEXTNVM11 = 0x5BBC
	regFEXTNVM12 = 0x5BC0
	regFFLTDBG   = 0x5F04

	ctrlExtDPG        = 1 << 3  // dynamic power gating, of Meteor Lake and later
	ctrlExtSMBus      = 1 << 11 // the PHY is spoken to by SMBus
	ctrlExtEERST      = 1 << 13 // the EEPROM is read again
	ctrlExtRODis      = 1 << 17 // relaxed ordering off
	ctrlExtDMADynClk  = 1 << 19 // clock gating that stops DMA: 82571, 82572 13, 82573 15
	ctrlExtBit22      = 1 << 22
	ctrlExtBit23      = 1 << 23
	ctrlExtDrvLoad    = 1 << 28 // tells the firmware that there is a driver
	pbaECCCorrect     = 1 << 0
	mancARP           = 1 << 13 // the firmware answers ARP
	mancBlockPHYReset = 1 << 18
	gcrNoSnoop        = 0x3F      // DMA past the processors' caches
	gcrTimeout        = 0xF << 12 // of a bus of version 1
	gcrTimeout10ms    = 1 << 12   // 10 to 200 ms
	gcrVersion2       = 1 << 18   // Device Control 2 says how long
	gcrResend         = 1 << 16   // what is not answered in time is asked for again
	gcrBit22          = 1 << 22   // PCI Express completions of 82574, 82583
	gcrL1             = 1 << 27   // frames lost in L1: 82574 25, 82583 12
	gcr2Bit0          = 1 << 0
	pbeccEnable       = 1 << 16
	kabgtxdBias       = 5 << 16
	fextnvm4Beacon    = 7
	fextnvm6ReqPLLClk = 1 << 8
	k1Off             = 1 << 31 // of FEXTNVM6 and PCIEANACFG
	fextnvm7SideClk   = 1 << 2
	fextnvm7NoRelease = 1 << 5 // a reset of the machine leaves the PHY on SMBus
	fextnvm9Clk       = 1<<11 | 1<<12
	fextnvm11MULRFix  = 1 << 13
	fextnvm12PHYPD    = 3 << 22
	fextnvm12P1       = 2 << 22
	iosfpcRDMTSHex    = 1 << 16
	ffltDontGate      = 1 << 12
	phpmGoLinkDown    = 1 << 5 // the PHY has no link and tries none
	eeerLPI           = 1<<16 | 1<<17
	rxpbsDefault      = 0xA2
	txpbsDefault      = 0x04000014

	rfctlIPv6ExDis  = 1 << 16 // IPv6 extension headers that stop the receiver: 82576 46, 82580 24, I350 37, I210 31, I211 11
	rfctlIPv6ExtDis = 3 << 16 // the same: 82571, 82572 52, 82573 43
	rfctlNFSDis     = 3 << 6  // NFS filters that damage descriptors
	rfctlEXTEN      = 1 << 15 // another format of receive descriptors

	tarcDefault     = tarcEnable | tarcCount
	tarc0I82571     = tarcDefault | 1<<23 | 1<<24 | 1<<25 | 1<<26
	tarc1I82571     = tarcDefault | 1<<22 | 1<<24 | 1<<25 | 1<<26 | 1<<28 // 22: 82571, 82572 7; 28: TCTL.MULR is 0
	tarc0I82574     = tarcDefault | 1<<26
	tarcRequests    = 3 << 28
	tarcTwoRequests = 2 << 28 // of DMA at a time, or buffers overrun: I218/I219 1.5.4.5
)

// Rows that several families share.
var (
	noARP     = row{regMANC, mancARP, 0}
	noLPI     = row{regEEER, eeerLPI, 0}
	linked    = row{regPHPM, phpmGoLinkDown, 0}
	rxBuffer  = row{regRXPBS, allOnes, rxpbsDefault}
	txBuffer  = row{regTXPBS, allOnes, txpbsDefault}
	pchExt    = row{regCTRLEXT, 0, ctrlExtBit22 | ctrlExtRODis | ctrlExtDrvLoad}
	pchTARC0  = row{regTARC0, 0, tarcEnable | 1<<23 | 1<<24 | 1<<26 | 1<<27}
	pchTARC1  = row{regTARC1, 0, 1<<24 | 1<<26 | 1<<28 | 1<<30}
	pchBeacon = row{regFEXTNVM4, fextnvm4Beacon, fextnvm4Beacon} // 8 us
	pchBias   = row{regKABGTXD, 0, kabgtxdBias}
	pchECC    = row{regPBECCSTS, 0, pbeccEnable}
	pchSnoop  = row{regGCR, gcrNoSnoop, 0}
	sptClock  = row{regFEXTNVM7, 0, fextnvm7SideClk}
	sptBus    = row{regFEXTNVM9, 0, fextnvm9Clk}
	sptFlush  = row{regFEXTNVM11, 0, fextnvm11MULRFix}

	// The second queue is not used, but arbitrates with the first.
	secondQueue = row{regTXDCTL1, 0, txdctlBit22}
)

// quirks programs what the family needs beside its rings.
func (d *Device) quirks() {
	f := &d.family
	if f.express {
		if f.tarc0 != 0 {
			d.regs.Write32(regTARC0, f.tarc0)
			d.regs.Write32(regTARC1, f.tarc1)
		}
		d.regs.Write32(regRFCTL, f.rfctl)
		d.regs.Write32(regMRQC, 0)
	}
	if f.impatient {
		d.awaitLonger()
	}
	if f.k1OffAsPCI {
		d.modify(regFEXTNVM6, k1Off, d.regs.Read32(regPCIEANA)&k1Off)
	}
	for i := range f.rows {
		if r := &f.rows[i]; *r != (row{}) {
			d.modify(r.off, r.clear, r.set)
		}
	}
}

func (d *Device) modify(off, clear, set uint32) {
	d.regs.Write32(off, d.regs.Read32(off)&^clear|set)
}

// gap programs the gap between frames for the speed that STATUS tells, and the PHY. At 10 Mb/s and half
// duplex some chipsets' MACs send too early, and later ones do below 1 Gb/s (Linux,
// e1000_check_for_copper_link_ich8lan).
func (d *Device) gap(status uint32) {
	speed := status & statusLink
	if !d.family.pch || speed == d.linkedAt || status == allOnes {
		return
	}
	d.linkedAt = speed
	ipgt := uint32(tipgCopper & tipgIPGT)
	switch {
	case speed&statusLU == 0:
	case speed&(statusSpeed|statusFD) == 0:
		ipgt = 0xFF
	case d.family.flushes && speed&statusSpeed < statusSpeed1000 && speed&statusFD != 0:
		ipgt = 0x0C
	}
	d.regs.Write32(regTIPG, tipgCopper&^tipgIPGT|ipgt)
	d.tune(status)
}
