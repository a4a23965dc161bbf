package e1000

// family is what this driver does differently from one group of devices to the
// next. Faults of the silicon are rows of registers, wherever one write mends them;
// docs/hardware-e1000.md says which row is for which.
type family struct {
	express bool // PCI Express: its requests are ended before a reset
	queues  bool // 82575 and later: queues that are switched on, advanced descriptors
	pch     bool // the MAC is in the chipset, the PHY beside it
	ulp     bool // the PHY has an ultra low power state that its link does not come out of by itself
	flushes bool // hangs for good if a reset finds descriptors in its rings

	eerd      eerd
	semaphore semaphore
	settles   settles

	phy       uint32 // address of the PHY on MDIO
	addresses uint32 // receive addresses that are the driver's; the rest is the firmware's

	txdctl uint32
	rxdctl uint32
	tipg   uint32 // 0: the reset's
	tarc0  uint32 // 0: as there are no such registers, or the rows below change bits of them
	tarc1  uint32
	rfctl  uint32

	aspm uint16 // link states to be forbidden, bits of the PCI Express Link Control register
	rows [maxRows]row
}

// multicast is how many registers MTA has.
func (f *family) multicast() uint32 {
	if f.pch {
		return mtaEntriesPCH
	}
	return mtaEntries
}

// maxRows is how many rows a family has at the most.
const maxRows = 11

// row is bits of a register to be cleared and set after each reset.
type row struct{ off, clear, set uint32 }

// familyID names a family.
type familyID uint8

const (
	family82540     familyID = iota // 82540, 82545, 82546
	family82546Quad                 // 82546GB with four ports behind a bridge
	family82544
	family82541 // 82541, 82547
	family82571
	family82572
	family82573
	family82574   // 82574, 82583
	familyI217    // Lynx Point
	familyI218    // Lynx Point-LP, Wildcat Point
	familyI219    // Sunrise Point, Kaby Lake
	familyI219CNP // Cannon Lake, Ice Lake, Comet Lake
	familyI219TGP // Tiger Lake, Alder Lake, Raptor Lake
	familyI219MTP // Meteor Lake and later
	family82576   // 82575, 82576
	family82580
	familyI350
	familyI210 // I210, I211
	familyI225 // I225, I226
)

var families = [...]family{
	family82540: {
		eerd: eerdSmall, settles: byTime, phy: 1, addresses: raEntries,
		txdctl: txdctlGRAN | txdctlWTHRESH1, rxdctl: rxdctlDefault, tipg: tipgCopper,
		rows: [maxRows]row{noARP},
	},
	family82546Quad: {
		eerd: eerdSmall, settles: byTime, phy: 1, addresses: raEntries,
		txdctl: txdctlGRAN | txdctlWTHRESH1, rxdctl: rxdctlDefault, tipg: tipgCopper,
		rows: [maxRows]row{noARP, {regCTRLEXT, 0, ctrlExtRODis}},
	},
	family82544: {
		settles: byTime, phy: 1, addresses: raEntries,
		txdctl: txdctlGRAN, rxdctl: rxdctlDefault, tipg: tipgCopper,
	},
	family82541: {
		eerd: eerdLarge, settles: byAutoRead, phy: 1, addresses: raEntries,
		txdctl: txdctlGRAN | txdctlWTHRESH1, rxdctl: rxdctlDefault, tipg: tipgCopper,
		rows: [maxRows]row{noARP},
	},
	family82571: {
		express: true, eerd: eerdLarge, semaphore: bySWSM, settles: byAutoRead, phy: 1, addresses: raEntries - 1,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarc0I82571, tarc1: tarc1I82571, rfctl: rfctlIPv6ExtDis, aspm: aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtDMADynClk, ctrlExtDrvLoad}, {regPBAECC, 0, pbaECCCorrect}},
	},
	family82572: {
		express: true, eerd: eerdLarge, semaphore: bySWSM, settles: byAutoRead, phy: 1, addresses: raEntries - 1,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarc0I82571, tarc1: tarc1I82571, rfctl: rfctlIPv6ExtDis, aspm: aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtDMADynClk, ctrlExtDrvLoad}},
	},
	family82573: {
		express: true, eerd: eerdLarge, semaphore: byMDIO | bySWSM, settles: byConfig, phy: 1, addresses: raEntries,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarcDefault, tarc1: tarcDefault, rfctl: rfctlIPv6ExtDis, aspm: aspmL0s | aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtBit23, ctrlExtBit22}, {regGCR, 0, gcrL1}, {regSWSM, 0, swsmDrvLoad}},
	},
	family82574: {
		express: true, eerd: eerdLarge, semaphore: byMDIO, settles: byConfig, phy: 1, addresses: raEntries,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarc0I82574, tarc1: tarcDefault, aspm: aspmL0s | aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtBit23, ctrlExtBit22 | ctrlExtDrvLoad}, {regGCR, 0, gcrBit22 | gcrL1}, {regGCR2, 0, gcr2Bit0}},
	},
	familyI217: {
		express: true, pch: true, semaphore: bySWFlag, settles: bySilence, phy: 2, addresses: 1,
		txdctl: txdctlPCH, rxdctl: rxdctlDefault, tipg: tipgCopper, rfctl: rfctlNFSDis,
		rows: [maxRows]row{pchExt, pchTARC0, pchTARC1, pchBeacon},
	},
	familyI218: {
		express: true, pch: true, ulp: true, semaphore: bySWFlag, settles: bySilence, phy: 2, addresses: 1,
		txdctl: txdctlPCH, rxdctl: rxdctlDefault, tipg: tipgCopper, rfctl: rfctlNFSDis,
		rows: [maxRows]row{pchExt, pchTARC0, pchTARC1, pchBeacon, {regFEXTNVM6, 0, fextnvm6ReqPLLClk}},
	},
	familyI219: {
		express: true, pch: true, ulp: true, flushes: true, semaphore: bySWFlag, settles: bySilence, phy: 2, addresses: 1,
		txdctl: txdctlPCH, rxdctl: rxdctlDefault, tipg: tipgCopper, rfctl: rfctlNFSDis,
		rows: [maxRows]row{pchExt, pchTARC0, pchTARC1, pchBeacon, sptClock, sptBus, sptFlush,
			{regIOSFPC, 0, iosfpcRDMTSHex}, {regTARC0, tarcRequests, tarcTwoRequests}},
	},
	familyI219CNP: {
		express: true, pch: true, ulp: true, flushes: true, semaphore: bySWFlag, settles: bySilence, phy: 2, addresses: 1,
		txdctl: txdctlPCH, rxdctl: rxdctlDefault, tipg: tipgCopper, rfctl: rfctlNFSDis,
		rows: [maxRows]row{pchExt, pchTARC0, pchTARC1, pchBeacon, sptClock, sptBus, sptFlush},
	},
	familyI219TGP: {
		express: true, pch: true, ulp: true, flushes: true, semaphore: bySWFlag, settles: bySilence, phy: 2, addresses: 1,
		txdctl: txdctlPCH, rxdctl: rxdctlDefault, tipg: tipgCopper, rfctl: rfctlNFSDis,
		rows: [maxRows]row{pchExt, pchTARC0, pchTARC1, pchBeacon, sptClock, sptBus, sptFlush, {regFFLTDBG, 0, ffltDontGate}},
	},
	familyI219MTP: {
		express: true, pch: true, ulp: true, flushes: true, semaphore: bySWFlag, settles: bySilence, phy: 2, addresses: 1,
		txdctl: txdctlPCH, rxdctl: rxdctlDefault, tipg: tipgCopper, rfctl: rfctlNFSDis,
		rows: [maxRows]row{pchExt, pchTARC0, pchTARC1, pchBeacon, sptClock, sptBus, sptFlush,
			{regFEXTNVM12, fextnvm12PHYPD, fextnvm12P1}, {regCTRLEXT, ctrlExtDPG, 0}},
	},
	family82576: {
		express: true, queues: true, eerd: eerdLarge, semaphore: bySWSM | bySync, settles: byAutoRead, phy: 1, addresses: raEntries,
		txdctl: txdctlQueue, rxdctl: rxdctlQueue, rfctl: rfctlIPv6ExDis,
		rows: [maxRows]row{{regCTRLEXT, 0, ctrlExtDrvLoad}},
	},
	family82580: {
		express: true, queues: true, eerd: eerdLarge, semaphore: bySWSM | bySync, settles: byAutoRead, phy: 1, addresses: raEntries,
		txdctl: txdctlQueue, rxdctl: rxdctlQueue, rfctl: rfctlIPv6ExDis,
		rows: [maxRows]row{{regCTRLEXT, 0, ctrlExtDrvLoad}},
	},
	familyI350: {
		express: true, queues: true, eerd: eerdLarge, semaphore: bySWSM | bySync, settles: byAutoRead, phy: 1, addresses: raEntries,
		txdctl: txdctlQueue, rxdctl: rxdctlQueue, rfctl: rfctlIPv6ExDis,
		rows: [maxRows]row{{regCTRLEXT, 0, ctrlExtDrvLoad}, noLPI},
	},
	familyI210: {
		express: true, queues: true, eerd: eerdLarge, semaphore: bySWSM | bySync, settles: byAutoRead, phy: 1, addresses: raEntries,
		txdctl: txdctlQueue, rxdctl: rxdctlQueue, rfctl: rfctlIPv6ExDis,
		rows: [maxRows]row{{regCTRLEXT, 0, ctrlExtDrvLoad}, noLPI, {regRXPBS, allOnes, rxpbsDefault}, {regTXPBS, allOnes, txpbsDefault}},
	},
	familyI225: {
		express: true, queues: true, eerd: eerdLarge, semaphore: bySWSM | bySync, settles: byAutoRead, phy: 0, addresses: raEntries,
		txdctl: txdctlQueue, rxdctl: rxdctlQueue, rfctl: rfctlIPv6ExDis, aspm: aspmL1,
		rows: [maxRows]row{{regCTRLEXT, 0, ctrlExtDrvLoad}, noLPI, {regRXPBS, allOnes, rxpbsDefault}, {regTXPBS, allOnes, txpbsDefault}},
	},
}
