package e1000

// General registers, SDM 13.4.1 to 13.4.21.
const (
	regCTRL       = 0x0000
	regCTRLShadow = 0x0004 // CTRL once more
	regSTATUS     = 0x0008
	regEECD       = 0x0010
	regEERD       = 0x0014
	regMDIC       = 0x0020
	regFCAL       = 0x0028
	regFCAH       = 0x002C
	regFCT        = 0x0030
	regICR        = 0x00C0
	regIMC        = 0x00D8
	regFCTTV      = 0x0170
	regTXCW       = 0x0178 // 8254x and 82571 with fibre or SerDes only
	regEXTCNFCTRL = 0x0F00 // EXTCNF_CTRL of 82573, 82574, 82583 and chipsets
)

// Receive registers, SDM 13.4.22 to 13.4.31 and 13.4.46 to 13.5.3.
const (
	regRCTL   = 0x0100
	regRDBAL  = 0x2800
	regRDBAH  = 0x2804
	regRDLEN  = 0x2808
	regRDH    = 0x2810
	regRDT    = 0x2818
	regRDTR   = 0x2820
	regRXDCTL = 0x2828
	regSRRCTL = 0x280C // 82575 and later
	regRXCSUM = 0x5000
	regRFCTL  = 0x5008 // 8257x
	regMTA    = 0x5200
	regRAL    = 0x5400
	regRAH    = 0x5404
	regMRQC   = 0x5818 // 8257x

	mtaEntries    = 128
	mtaEntriesPCH = 32
	raEntries     = 16
)

// Transmit registers, SDM 13.4.33 to 13.4.43.
const (
	regTCTL   = 0x0400
	regTIPG   = 0x0410
	regTDBAL  = 0x3800
	regTDBAH  = 0x3804
	regTDLEN  = 0x3808
	regTDH    = 0x3810
	regTDT    = 0x3818
	regTXDCTL = 0x3828
	regTARC0  = 0x3840 // 8257x
	regTARC1  = 0x3940 // 8257x
)

// CTRL, SDM 13.4.1.
const (
	ctrlFD               = 1 << 0
	ctrlGIOMasterDisable = 1 << 2 // 8257x
	ctrlSLU              = 1 << 6
	ctrlILOS             = 1 << 7
	ctrlSpeed1000        = 2 << 8
	ctrlFRCSPD           = 1 << 11
	ctrlFRCDPLX          = 1 << 12
	ctrlRST              = 1 << 26
	ctrlRFCE             = 1 << 27
	ctrlTFCE             = 1 << 28
	ctrlVME              = 1 << 30
	ctrlPHYRST           = 1 << 31
	ctrlPins             = 0xFF << 18 // SWDPIN and SWDPIO: what the board wired to them

	// ctrlValue is CTRL without the pins: link up by autonegotiation, speed and
	// duplex from the PHY, no flow control, so that a partner's PAUSE frames cannot
	// hold back a crash report, no VLAN handling.
	ctrlValue = ctrlFD | ctrlSLU | ctrlSpeed1000
	// ctrlOurs are the bits that must stay as they were written; the rest are
	// pins and reserved bits that hardware changes.
	ctrlOurs = ctrlGIOMasterDisable | ctrlSLU | ctrlILOS | ctrlFRCSPD | ctrlFRCDPLX |
		ctrlRST | ctrlRFCE | ctrlTFCE | ctrlVME | ctrlPHYRST
)

// STATUS, SDM 13.4.2.
const (
	statusFD               = 1 << 0
	statusLU               = 1 << 1
	statusPortShift        = 2 // which port of a controller this is, 2 bits
	statusSpeed            = 3 << 6
	statusSpeed1000        = 2 << 6
	statusLANInitDone      = 1 << 9  // of chipsets: the PHY is configured
	statusPHYRA            = 1 << 10 // of chipsets: the PHY was reset
	statusGIOMasterEnabled = 1 << 19 // PCI Express

	statusLink = statusFD | statusLU | statusSpeed
)

// EECD and EERD, SDM 13.4.3 and 13.4.4.
const (
	eecdRequest  = 1 << 6 // software asks for the EEPROM's pins
	eecdGrant    = 1 << 7
	eecdAutoRead = 1 << 9  // 82541, 82547, 8257x and later
	eecdType     = 3 << 15 // of 82573, 82574, 82583: both bits are flash
	eerdStart    = 1 << 0
)

// EXTCNF_CTRL of 82573, 82574, 82583 (DS 10.2) and chipsets.
const extcnfMDIOSoftware = 1 << 5

// RCTL, SDM 13.4.22: BSIZE 00 is 2,048 bytes a buffer, SECRC strips
// the FCS.
const (
	rctlEN    = 1 << 1
	rctlMPE   = 1 << 4
	rctlBAM   = 1 << 15
	rctlSECRC = 1 << 26

	// rctlValue also takes multicast: neighbour discovery needs it, and a filter
	// would need a hash that the crash path had to keep.
	rctlValue = rctlEN | rctlMPE | rctlBAM | rctlSECRC
)

// TCTL and TIPG, SDM 13.4.33, 13.4.34 (table 13-77).
const (
	tctlEN   = 1 << 1
	tctlPSP  = 1 << 3
	tctlCT   = 0x0F << 4
	tctlCOLD = 0x40 << 12
	tctlRTLC = 1 << 24

	tctlValue = tctlEN | tctlPSP | tctlCT | tctlCOLD | tctlRTLC
	tctlOurs  = tctlEN | tctlPSP | 0xFF<<4 | 0x3FF<<12 | 1<<22
	// tipgCopper is IPGT 8, IPGR1 8, IPGR2 6, in MAC clock cycles; fibre and SerDes have 1 more
	// of IPGT (Linux, e1000_main.c, e1000_configure_tx).
	tipgCopper = 8 | 8<<10 | 6<<20
	tipgIPGT   = 0x3FF
)

// TXDCTL and RXDCTL (SDM 13.4.43, 13.4.46; thresholds in descriptors), TARC of
// 8257x, RAH (SDM 13.5.3), TXCW (SDM 13.4.13).
const (
	txdctlGRAN     = 1 << 24
	txdctlWTHRESH1 = 1 << 16
	txdctlBit22    = 1 << 22 // must be one on 8257x and chipsets
	rxdctlDefault  = 1<<24 | 1<<16

	// Each descriptor is written back by itself; chipsets fetch up to 31 ahead (Linux,
	// e1000_init_hw_ich8lan).
	txdctlExpress = txdctlGRAN | txdctlWTHRESH1 | txdctlBit22
	txdctlPCH     = txdctlExpress | 31
	// Queues of 82575 and later are switched on, and have no unit of their thresholds.
	queueEnable  = 1 << 25
	txdctlQueue  = queueEnable | txdctlWTHRESH1
	rxdctlQueue  = queueEnable | 1<<16
	srrctlBuffer = 2       // KiB a buffer
	srrctlOneBuf = 1 << 25 // advanced descriptors, header and payload in one buffer

	tarcEnable = 1 << 10
	tarcCount  = 3
	rahAV      = 1 << 31
	txcwANE    = 1 << 31
	txcwFD     = 1 << 5
)
