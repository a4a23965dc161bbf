package e1000

// canary is put into TDLEN before a reset, which clears it on hardware. QEMU 7.2
// resets next to nothing, and then there is no EEPROM to wait for, but perhaps
// half a packet in the device that must not go out in front of the next one.
const canary = 0x80

// settles is how the end of a reset shows.
type settles uint8

const (
	byTime          settles = iota // 5 ms for the EEPROM
	byReload                       // that, of a device that does not read it before it is told to
	byAutoRead                     // EECD.AUTO_RD (SDM 13.4.3)
	byAutoReadAlone                // that, and the pins of the EEPROM are given back
	byConfig                       // that, and 25 ms for the PHY's configuration from the NVM
	bySilence                      // 20 ms in which no register is read
)

// reset brings the device from any state to one where it does no DMA, raises no
// interrupt and its registers can be written. wasReset tells whether CTRL.RST
// did anything. Errors: ErrAbsent, ErrReset.
func (d *Device) reset() (wasReset bool, err error) {
	// 1. Interrupts off, transmitter off before its ring is touched.
	d.regs.Write32(regIMC, allOnes)
	worked := (d.regs.Read32(regTCTL)|d.regs.Read32(regRCTL))&tctlEN != 0
	d.regs.Write32(regTCTL, 0)
	d.flush()

	// 2. No descriptor left for the receiver, which is as good as off. On 8254x
	// RCTL is not touched for that: on QEMU each write blocks receive for 1 s.
	if d.family.express {
		d.regs.Write32(regRCTL, 0)
	}
	d.regs.Write32(regRDT, 0)
	d.regs.Write32(regRDH, 0)

	// 3. Let the bus come to rest (CTRL.GIO_Master_Disable), and keep
	// management off the PHY; go on if either does not happen.
	ctrl := d.ctrl
	if d.family.express {
		ctrl |= ctrlGIOMasterDisable
		d.regs.Write32(regCTRL, ctrl)
		d.clock.Until(regSTATUS, statusGIOMasterEnabled, 0, masterWait)
	} else if worked {
		// PCI has nothing to ask (Linux, e1000_reset_hw: outstanding transactions).
		d.clock.Delay(masterWait)
	}
	d.ownMDIO()

	// 4. Reset (SDM 13.4.1) of the MAC. The PHY keeps its link.
	d.regs.Write32(regTDLEN, canary)
	at := uint32(regCTRL)
	if d.family.shadow {
		at = regCTRLShadow
	}
	d.regs.Write32(at, ctrl|ctrlRST)
	switch {
	case d.family.settles == bySilence:
		d.clock.Pause(silence)
	case d.family.queues:
		d.clock.Pause(queuesSilence)
	default:
		d.clock.Delay(resetDelay)
	}
	switch {
	case d.clock.Until(regCTRL, ctrlRST, 0, resetWait):
	case d.regs.Read32(regCTRL) == allOnes:
		return false, ErrAbsent
	default:
		return false, ErrReset
	}
	d.disownMDIO()

	// 5. The device reads its EEPROM and writes RAL and RAH meanwhile.
	wasReset = d.regs.Read32(regTDLEN) != canary
	if wasReset {
		d.settle()
	}
	d.regs.Write32(regIMC, allOnes)
	d.regs.Read32(regICR)
	d.linkedAt = 0
	return wasReset, nil
}

// settle waits for the EEPROM after a reset.
func (d *Device) settle() {
	switch d.family.settles {
	case byTime:
		d.clock.Delay(reloadDelay)
	case byReload:
		d.reload()
		d.clock.Delay(reloadDelay)
	case byAutoRead:
		// Every controller tells. QEMU's igb does not, and its MAC then hears of no link.
		d.deaf = !d.clock.Until(regEECD, eecdAutoRead, eecdAutoRead, eepromWait) && d.family.queues
	case byAutoReadAlone:
		d.clock.Until(regEECD, eecdAutoRead, eecdAutoRead, eepromWait)
		d.modify(regEECD, eecdRequest|eecdGrant, 0)
	case byConfig:
		if d.regs.Read32(regEECD)&eecdType == eecdType {
			d.reload() // flash
		}
		d.clock.Until(regEECD, eecdAutoRead, eecdAutoRead, eepromWait)
		d.clock.Delay(configDelay)
	}
}

// reload has the device read its EEPROM (CTRL_EXT.EE_RST), 10 us after a reset at the earliest (Linux, e1000_reset_hw and
// e1000_reset_hw_82571).
func (d *Device) reload() {
	d.clock.Delay(reloadAfter)
	d.modify(regCTRLEXT, 0, ctrlExtEERST)
}
