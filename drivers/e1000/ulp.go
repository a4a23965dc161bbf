package e1000

// The ultra low power state of the PHY of I218 and I219: an operating system puts it there
// when it finds no link, or when it goes. Its link does not come back by itself, nor does it
// answer on MDIO if it was told to listen to SMBus. Linux, e1000e/ich8lan.c,
// e1000_disable_ulp_lpt_lp and e1000_init_phy_workarounds_pchlan; registers and bits are
// from there.
const (
	regH2ME     = 0x5B50 // of chipsets, where others have SWSM
	h2meULP     = 1 << 11
	h2meEnforce = 1 << 12

	// Registers of the PHY's pages, which the register phyPage at address 1 selects.
	phyPaged      = 1
	phyPage       = 31
	phyPageShift  = 5
	pageSMBus     = 769
	phySMBCtrl    = 23
	smbCtrlForce  = 1 << 0
	pagePower     = 770 // I217DS table 50, I219DS 9.5.5.2
	phyPower      = 17
	powerK1       = 1 << 14
	pageULP       = 779
	phyULPConfig  = 16
	ulpStart      = 1 << 0
	ulpConfigured = 1<<2 | 1<<4 | 1<<5 | 1<<6 | 1<<8 | 1<<10 | 1<<11 | 1<<12

	ctrlLANPHYPCOverride = 1 << 16
	ctrlLANPHYPCValue    = 1 << 17
	ctrlExtLPCD          = 1 << 2 // the PHY's power has been off and on
)

// managed tells whether there is firmware: then that state is its business.
func (d *Device) managed() bool { return d.regs.Read32(regFWSM)&fwsmValid != 0 }

// askToLeaveULP has the firmware make the PHY leave that state. The firmware takes the PHY for that, so that the driver may
// not have it meanwhile.
func (d *Device) askToLeaveULP() {
	d.modify(regH2ME, h2meULP, h2meEnforce)
	d.clock.Until(regFWSM, fwsmULPConfigDone, 0, ulpWait)
	d.modify(regH2ME, h2meEnforce, 0)
}

// leaveULP makes the PHY leave that state, without firmware.
func (d *Device) leaveULP() {
	smbus, ok := d.readPage(pageSMBus, phySMBCtrl)
	if !ok {
		// It may listen to SMBus only.
		d.modify(regCTRLEXT, 0, ctrlExtSMBus)
		d.clock.Delay(smbusDelay)
		if smbus, ok = d.readPage(pageSMBus, phySMBCtrl); !ok {
			d.cyclePHY()
			smbus, ok = d.readPage(pageSMBus, phySMBCtrl)
		}
	}
	if ok {
		d.writePage(pageSMBus, phySMBCtrl, smbus&^smbCtrlForce)
	}
	d.modify(regCTRLEXT, ctrlExtSMBus, 0)
	if v, ok := d.readPage(pageULP, phyULPConfig); ok && v&ulpConfigured != 0 {
		// The SMBus has switched K1 off, which the MAC goes on with (I219DS 9.5.5.2, note 1).
		if power, ok := d.readPage(pagePower, phyPower); ok {
			d.writePage(pagePower, phyPower, power|powerK1)
		}
		v &^= ulpConfigured
		d.writePage(pageULP, phyULPConfig, v)
		d.writePage(pageULP, phyULPConfig, v|ulpStart)
		d.modify(regFEXTNVM7, fextnvm7NoRelease, 0)
	}
}

// cyclePHY switches the PHY's power off and on.
func (d *Device) cyclePHY() {
	if d.regs.Read32(regFWSM)&fwsmResetAllowed == 0 {
		return
	}
	ctrl := d.ctrl &^ (ctrlLANPHYPCOverride | ctrlLANPHYPCValue)
	d.regs.Write32(regCTRL, ctrl|ctrlLANPHYPCOverride)
	d.clock.Delay(phyPowerOff)
	d.regs.Write32(regCTRL, ctrl)
	d.clock.Until(regCTRLEXT, ctrlExtLPCD, ctrlExtLPCD, phyConfigWait)
	d.clock.Delay(phyPowerOn)
}

func (d *Device) readPage(page, register uint32) (uint32, bool) {
	if !d.writePHY(phyPaged, phyPage, page<<phyPageShift) {
		return 0, false
	}
	v, ok := d.readPHY(phyPaged, register)
	return v, ok && v != phyAbsent
}

func (d *Device) writePage(page, register, v uint32) {
	if d.writePHY(phyPaged, phyPage, page<<phyPageShift) {
		d.writePHY(phyPaged, register, v)
	}
}
