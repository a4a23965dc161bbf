package e1000

// canary is put into TDLEN before a reset, which clears it on hardware. QEMU 7.2
// resets next to nothing, and then there is no EEPROM to wait for, but perhaps
// half a packet in the device that must not go out in front of the next one.
const canary = 0x80

// reset brings the device from any state to one where it does no DMA, raises no
// interrupt and its registers can be written. wasReset tells whether CTRL.RST
// did anything. Errors: ErrAbsent, ErrReset.
func (d *Device) reset() (wasReset bool, err error) {
	// 1. Interrupts off, transmitter off before its ring is touched.
	d.regs.Write32(regIMC, allOnes)
	d.regs.Write32(regTCTL, 0)

	// 2. No descriptor left for the receiver, which is as good as off. On 8254x
	// RCTL is not touched for that: on QEMU each write blocks receive for 1 s.
	if d.id.family.express() {
		d.regs.Write32(regRCTL, 0)
	}
	d.regs.Write32(regRDT, 0)
	d.regs.Write32(regRDH, 0)

	// 3. Let the bus come to rest (CTRL.GIO_Master_Disable), and keep
	// management off the PHY; go on if either does not happen.
	ctrl := d.ctrl
	if d.id.family.express() {
		ctrl |= ctrlGIOMasterDisable
		d.regs.Write32(regCTRL, ctrl)
		d.until(regSTATUS, statusGIOMasterEnabled, 0, masterWait)
	}
	if d.id.family.sharesMDIO() {
		d.ownMDIO()
	}

	// 4. Reset (SDM 13.4.1).
	d.regs.Write32(regTDLEN, canary)
	d.regs.Write32(regCTRL, ctrl|ctrlRST)
	d.delay(resetDelay)
	switch {
	case d.until(regCTRL, ctrlRST, 0, resetWait):
	case d.regs.Read32(regCTRL) == allOnes:
		return false, ErrAbsent
	default:
		return false, ErrReset
	}
	if d.id.family.sharesMDIO() {
		d.regs.Write32(regEXTCNFCTRL, d.regs.Read32(regEXTCNFCTRL)&^extcnfMDIOSoftware)
	}

	// 5. The device reads its EEPROM and writes RAL and RAH meanwhile.
	wasReset = d.regs.Read32(regTDLEN) != canary
	if wasReset {
		d.settle()
	}
	d.regs.Write32(regIMC, allOnes)
	d.regs.Read32(regICR)
	return wasReset, nil
}

// ownMDIO asks for the PHY interface that management firmware shares.
func (d *Device) ownMDIO() {
	for t := d.timer(mdioWait); !d.expired(&t); {
		v := d.regs.Read32(regEXTCNFCTRL) | extcnfMDIOSoftware
		d.regs.Write32(regEXTCNFCTRL, v)
		if d.regs.Read32(regEXTCNFCTRL)&extcnfMDIOSoftware != 0 {
			return
		}
	}
}

// settle waits for the EEPROM after a reset (EECD.AUTO_RD, SDM 13.4.3).
func (d *Device) settle() {
	switch d.id.family {
	case family82540, family82544:
		d.delay(reloadDelay)
	case family82573, family82574:
		d.until(regEECD, eecdAutoRead, eecdAutoRead, eepromWait)
		d.delay(configDelay)
	default:
		d.until(regEECD, eecdAutoRead, eecdAutoRead, eepromWait)
	}
}
