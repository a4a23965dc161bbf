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
	noMSI   bool // its messages damage what it writes beside them
	shadow  bool // is reset where CTRL is shown a second time
	ends    bool // hangs on PCI-X where a frame ends in the lower half of 8 bytes

	impatient  bool // gives up on what it reads before the machine need have answered
	slowClock  bool // its clock may be slow after power-up
	k1OffAsPCI bool // K1 may be without power only if the PCI Express half of the MAC has it so
	k1Exit     bool // the PHY has to be told how long the MAC takes to wake from K1

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

	aspm uint16 // link states to be forbidden, aspmL0s and so on
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
const maxRows = 14

// row is bits of a register to be cleared and set after each reset.
type row struct{ off, clear, set uint32 }

// familyID names a family.
type familyID uint8

const (
	family82540     familyID = iota // 82540, 82545EM, 82546EB
	family82545GM                   // 82545GM, 82546GB
	family82546Quad                 // 82546GB with four ports behind a bridge
	family82544
	family82541 // 82541, 82547
	family82571
	family82572
	family82573
	family82574   // 82574, 82583
	familyI217    // Lynx Point
	familyI218    // Lynx Point-LP, Wildcat Point
	familyI219    // Sunrise Point, Kaby Lake, and Comet Lake's with an older chipset
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
	family82540:     conventional(eerdSmall, byTime, txdctlGRAN|txdctlWTHRESH1, noARP),
	family82545GM:   shadowed(conventional(eerdSmall, byTime, txdctlGRAN|txdctlWTHRESH1, noARP)),
	family82546Quad: shadowed(conventional(eerdSmall, byTime, txdctlGRAN|txdctlWTHRESH1, noARP, row{regCTRLEXT, 0, ctrlExtRODis})),
	family82544:     ending(conventional(eerd{}, byReload, txdctlGRAN)), // WTHRESH 0: 82543GC 35
	family82541:     conventional(eerdLarge, byAutoRead, txdctlGRAN|txdctlWTHRESH1, noARP),

	family82571: {
		express: true, noMSI: true, eerd: eerdLarge, semaphore: bySWSM, settles: byAutoReadAlone, phy: 1, addresses: raEntries - 1,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarc0I82571, tarc1: tarc1I82571, rfctl: rfctlIPv6ExtDis, aspm: aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtDMADynClk, ctrlExtDrvLoad}, secondQueue, {regPBAECC, 0, pbaECCCorrect}},
	},
	family82572: {
		express: true, noMSI: true, eerd: eerdLarge, semaphore: bySWSM, settles: byAutoReadAlone, phy: 1, addresses: raEntries - 1,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarc0I82571, tarc1: tarc1I82571, rfctl: rfctlIPv6ExtDis, aspm: aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtDMADynClk, ctrlExtDrvLoad}, secondQueue},
	},
	family82573: {
		express: true, eerd: eerdLarge, semaphore: byMDIO | bySWSM, settles: byConfig, phy: 1, addresses: raEntries,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarcDefault, tarc1: tarcDefault, rfctl: rfctlIPv6ExtDis, aspm: aspmL0s | aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtDMADynClk | ctrlExtBit23, ctrlExtBit22}, secondQueue, {regGCR, 0, gcrL1}, {regSWSM, 0, swsmDrvLoad}},
	},
	family82574: {
		express: true, eerd: eerdLarge, semaphore: byMDIO, settles: byConfig, phy: 1, addresses: raEntries,
		txdctl: txdctlExpress, rxdctl: rxdctlDefault, tipg: tipgCopper,
		tarc0: tarc0I82574, tarc1: tarcDefault, aspm: aspmL0s | aspmL1,
		rows: [maxRows]row{{regCTRLEXT, ctrlExtBit23, ctrlExtBit22 | ctrlExtDrvLoad}, secondQueue, {regGCR, 0, gcrBit22 | gcrL1}, {regGCR2, 0, gcr2Bit0}},
	},

	familyI217:    chipset(false, false),
	familyI218:    chipset(true, false, row{regFEXTNVM6, 0, fextnvm6ReqPLLClk}),
	familyI219:    k1OffAsPCI(chipset(true, true, row{regIOSFPC, 0, iosfpcRDMTSHex}, row{regTARC0, tarcRequests, tarcTwoRequests})),
	familyI219CNP: chipset(true, true),
	familyI219TGP: chipset(true, true, row{regFFLTDBG, 0, ffltDontGate}),
	familyI219MTP: slowK1(chipset(true, true, row{regFFLTDBG, 0, ffltDontGate}, row{regFEXTNVM12, fextnvm12PHYPD, fextnvm12P1}, row{regCTRLEXT, ctrlExtDPG, 0})),

	family82576: impatient(queues(1, 0)),
	family82580: impatient(queues(1, 0, linked)),
	familyI350:  impatient(queues(1, 0, linked, noLPI)),
	familyI210:  slowClocked(impatient(queues(1, 0, linked, noLPI, rxBuffer, txBuffer))),
	familyI225:  queues(0, aspmL1|aspmL12, linked, noLPI, rxBuffer, txBuffer),
}

// conventional is a family of 8254x.
func conventional(e eerd, s settles, txdctl uint32, rows ...row) (f family) {
	f = family{noMSI: true, eerd: e, settles: s, phy: 1, addresses: raEntries, txdctl: txdctl, rxdctl: rxdctlDefault, tipg: tipgCopper}
	copy(f.rows[:], rows)
	return f
}

// shadowed and those below are a family with one difference.
func shadowed(f family) family {
	f.shadow = true
	return f
}

func ending(f family) family {
	f.ends = true
	return f
}

func impatient(f family) family {
	f.impatient = true
	return f
}

func slowClocked(f family) family {
	f.slowClock = true
	return f
}

func k1OffAsPCI(f family) family {
	f.k1OffAsPCI = true
	return f
}

func slowK1(f family) family {
	f.k1Exit = true
	return f
}

// chipset is one of MACs in chipsets, which have a reset's address and no EERD.
func chipset(ulp, flushes bool, rows ...row) (f family) {
	f = family{
		express: true, pch: true, ulp: ulp, flushes: flushes, semaphore: bySWFlag, settles: bySilence, phy: 2, addresses: 1,
		txdctl: txdctlPCH, rxdctl: rxdctlDefault, tipg: tipgCopper, rfctl: rfctlNFSDis,
	}
	n := copy(f.rows[:], []row{pchExt, pchTARC0, pchTARC1, pchBeacon, secondQueue, pchBias, pchECC, pchSnoop})
	if flushes {
		n += copy(f.rows[n:], []row{sptClock, sptBus, sptFlush})
	}
	copy(f.rows[n:], rows)
	return f
}

// queues is a family of 82575 and later.
func queues(phy uint32, aspm uint16, rows ...row) (f family) {
	f = family{
		express: true, queues: true, eerd: eerdLarge, semaphore: bySWSM | bySync, settles: byAutoRead, phy: phy, addresses: raEntries,
		txdctl: txdctlQueue, rxdctl: rxdctlQueue, rfctl: rfctlIPv6ExDis, aspm: aspm,
	}
	f.rows[0] = row{regCTRLEXT, 0, ctrlExtDrvLoad}
	copy(f.rows[1:], rows)
	return f
}
