package e1000model

const (
	swsm     = 0x5B50
	fwsm     = 0x5B54
	sync     = 0x5B5C
	manc     = 0x5820
	eemngctl = 0x1010

	smbi    = 1 << 0
	swesmbi = 1 << 1
	mdioOwn = 1 << 5
	ulpLeft = 1 << 10 // FWSM: the firmware has put the PHY into its low power state
	valid   = 1 << 15 // FWSM: there is firmware
	h2meULP = 1 << 11 // what a chipset has in place of SWSM
	enforce = 1 << 12
)

// Manage makes a chipset's firmware look after the PHY, which is in its ultra low power state.
func (d *Device) Manage() {
	d.reg[fwsm/4] = valid | ulpLeft
	d.phy.ulp = ulpSticky
}

// keepsPHY tells whether the firmware has it.
func (d *Device) keepsPHY() bool { return d.FirmwareKeepsPHY || d.time < d.FirmwareBusy }

// owned tells whether the driver has the semaphore.
func (d *Device) owned() bool {
	switch d.Semaphore {
	case SWSM:
		return d.reg[swsm/4]&swesmbi != 0
	case Sync:
		return d.reg[sync/4]&0xFFFF != 0
	}
	return d.reg[extcnf/4]&mdioOwn != 0
}

// readSemaphore is a read of a semaphore's register: of SWSM it takes SMBI.
func (d *Device) readSemaphore(off, v uint32) uint32 {
	switch {
	case off == swsm && !d.Chipset:
		d.reg[off/4] |= smbi
	case off == sync && d.keepsPHY():
		v |= 0xFFFF0000
	}
	return v
}

func (d *Device) writeSemaphore(off, v uint32) {
	switch {
	case d.Chipset && off == swsm:
		d.tellFirmware(v)
	case d.keepsPHY() && off == swsm:
		v &^= swesmbi
	case d.keepsPHY() && off == extcnf:
		v &^= mdioOwn
	case off == sync && d.Semaphore == Sync && d.reg[swsm/4]&swesmbi == 0 && !d.keepsPHY():
		d.complain("SW_FW_SYNC written without SWSM.SWESMBI")
	}
	d.reg[off/4] = v
	d.firmware()
}

// tellFirmware is a write of H2ME: it asks firmware to wake the PHY.
func (d *Device) tellFirmware(v uint32) {
	d.asked = d.asked || d.reg[fwsm/4]&valid != 0 && v&enforce != 0 && v&h2meULP == 0 && !d.keepsPHY()
}

// firmware wakes the PHY if it was asked to and the driver has not got it.
func (d *Device) firmware() {
	if d.asked && !d.owned() {
		d.asked = false
		d.reg[fwsm/4] &^= ulpLeft
		d.phy.ulp = 0
		d.negotiate()
	}
}

// readFirmware is a read of FWSM.
func (d *Device) readFirmware(v uint32) uint32 {
	if !d.FirmwareBlocksReset {
		v |= 1 << 6
	}
	return v
}

// drop lets go of descriptors that a reset must not find, for one without EOP that comes behind
// them.
func (d *Device) drop() {
	if !d.Hangs || d.reg[tdh/4] == d.reg[tdt/4] || d.reg[tdh/4] >= d.reg[tdlen/4]/16 {
		return
	}
	if !d.reaches(uint64(d.reg[tdbah/4])<<32|uint64(d.reg[tdbal/4]), d.reg[tdlen/4]) {
		return
	}
	if desc := d.descriptor(d.reg[tdh/4]); desc != nil && word(desc, 2)&txEOP == 0 && word(desc, 2)&0xFFFF == 512 {
		d.reg[tdh/4] = d.reg[tdt/4]
		d.holding = false
	}
}
