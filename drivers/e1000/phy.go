package e1000

// The PHY negotiates the link by itself, as the NVM tells it, and goes on with that whatever
// happens to the MAC. New looks whether it does, and starts it if somebody switched it
// off; TakeOver does not touch it, so that the link stays up over a crash.

// MDIC, SDM 13.4.7: operation, address and number of the register, data.
const (
	mdicRegister = 16
	mdicPHY      = 21
	mdicWrite    = 1 << 26
	mdicRead     = 2 << 26
	mdicReady    = 1 << 28
	mdicError    = 1 << 30
)

// PHY control and status registers, IEEE 802.3 22.2.4.1 and 22.2.4.2.
const (
	phyBMCR        = 0
	phyBMSR        = 1
	bmsrLink       = 1 << 2
	bmcrSpeed1000  = 1 << 6
	bmcrFullDuplex = 1 << 8
	bmcrRestart    = 1 << 9
	bmcrIsolate    = 1 << 10
	bmcrPowerDown  = 1 << 11
	bmcrAutoneg    = 1 << 12
	bmcrLoopback   = 1 << 14
	bmcrNormal     = bmcrAutoneg | bmcrFullDuplex | bmcrSpeed1000
	bmcrOff        = bmcrIsolate | bmcrPowerDown | bmcrLoopback

	phyAbsent = 0xFFFF // what is read where none answers
)

const (
	regEEMNGCTL        = 0x1010
	regFWSM            = 0x5B54
	eemngctlConfigDone = 1 << 18 // of the first port, the others' are above it
	fwsmResetAllowed   = 1 << 6  // RSPCIPHY: firmware does not need the PHY as it is
	fwsmULPConfigDone  = 1 << 10
	fwsmValid          = 1 << 15 // there is firmware
)

// startPHY makes the PHY negotiate if it does not. It does not wait for a link. Errors:
// ErrFirmware, ErrPHY; the link may come up all the same.
func (d *Device) startPHY() error {
	if d.id.serdes {
		return nil
	}
	if d.family.ulp && d.managed() {
		d.askToLeaveULP()
	}
	resource := d.phyResource()
	granted := false
	for n := 0; n < phyTries && !granted; n++ {
		granted = d.acquire(resource)
	}
	if !granted {
		return ErrFirmware
	}
	ok := d.wakePHY()
	d.release(resource)
	if !ok {
		return ErrPHY
	}
	return nil
}

func (d *Device) wakePHY() bool {
	if d.family.ulp && !d.managed() {
		d.leaveULP()
	}
	v, ok := d.readPHY(d.family.phy, phyBMCR)
	if !ok || v == phyAbsent {
		if d.family.pch {
			d.cyclePHY()
		}
		d.resetPHY()
		if v, ok = d.readPHY(d.family.phy, phyBMCR); !ok || v == phyAbsent {
			return false
		}
	}
	if d.family.pch {
		if d.family.k1Exit {
			d.awaitK1()
		}
		d.speedUp()
	}
	if v&bmcrOff != 0 || v&bmcrAutoneg == 0 {
		return d.writePHY(d.family.phy, phyBMCR, bmcrNormal|bmcrRestart)
	}
	return true
}

// rehear makes the PHY negotiate anew if it has a link that the MAC does not hear of. QEMU's
// igb needs that after a reset.
func (d *Device) rehear() {
	if d.regs.Read32(regSTATUS)&statusLU != 0 {
		return
	}
	if v, ok := d.readPHY(d.family.phy, phyBMSR); ok && v&bmsrLink != 0 {
		d.writePHY(d.family.phy, phyBMCR, bmcrNormal|bmcrRestart)
	}
}

// resetPHY resets the PHY by its pin (CTRL.PHY_RST, SDM 13.4.1), unless the firmware has a use
// for its link, and waits until it is configured.
func (d *Device) resetPHY() {
	if d.family.pch && d.regs.Read32(regFWSM)&fwsmResetAllowed == 0 ||
		!d.family.pch && d.regs.Read32(regMANC)&mancBlockPHYReset != 0 {
		return
	}
	d.regs.Write32(regCTRL, d.ctrl|ctrlPHYRST)
	d.clock.Delay(phyReset)
	d.regs.Write32(regCTRL, d.ctrl)
	switch {
	case d.family.pch:
		d.clock.Until(regSTATUS, statusLANInitDone, statusLANInitDone, phyConfigWait)
		d.modify(regSTATUS, statusLANInitDone|statusPHYRA, 0)
	case d.family.semaphore&bySWSM != 0:
		done := uint32(eemngctlConfigDone) << (d.regs.Read32(regSTATUS) >> statusPortShift & 3)
		d.clock.Until(regEEMNGCTL, done, done, phyConfigWait)
	}
	d.clock.Delay(phyReset)
}

// writePHY writes a register of the PHY at an address of MDIO (SDM 13.4.7).
func (d *Device) writePHY(phy, register, v uint32) bool {
	_, ok := d.mdio(mdicWrite | phy<<mdicPHY | register<<mdicRegister | v)
	return ok
}

func (d *Device) readPHY(phy, register uint32) (uint32, bool) {
	return d.mdio(mdicRead | phy<<mdicPHY | register<<mdicRegister)
}

// mdio does one transfer, and one that ended with an error once more where the PHY is beside a
// chipset: there it is slow, and errors pass (Linux, e1000e_read_phy_reg_mdic).
func (d *Device) mdio(command uint32) (uint32, bool) {
	wait, tries := int64(mdioWait), 1
	if d.family.pch {
		wait, tries = mdioWaitPCH, 2
	}
	for range tries {
		d.regs.Write32(regMDIC, command)
		if !d.clock.Until(regMDIC, mdicReady, mdicReady, wait) {
			return 0, false
		}
		if v := d.regs.Read32(regMDIC); v&mdicError == 0 {
			return v & 0xFFFF, true
		}
	}
	return 0, false
}
