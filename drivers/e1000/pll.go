package e1000

// The clock of some I210 and I211 runs at a tenth to a twentieth of its rate after power-up, so that no link comes before the
// next one. Firmware mends that, but there is none without flash: then the driver does, in the steps of the erratum (Intel
// 332763, I210 Specification Update 3.0, erratum 25; for I211 it is 10, NetBSD, if_wm.c).
const (
	regMDICNFG = 0x0E04 // 333016, I210 Datasheet 3.7, 8.2.5
	regWUC     = 0x5800
	regEEARBC  = 0x12024 // 8.4.7
	regINVM    = 0x12120 // 8.4.24

	eecdFlash       = 1 << 19
	mdicnfgExternal = 1 << 31
	ctrlExtSerDes   = 1 << 18 // SerDes_Low_Power_Enable
	ctrlExtPHYDown  = 1 << 20 // PHY_Power_Down_Enable

	phyPageI210 = 22
	pageClock   = 0xFC
	phyClock    = 14
	clockSlow   = 0xFF // bits 7 to 0

	clockTries = 5

	// Auto-load word 0x0A, what it is if the iNVM has none, and the bit that starts the clock anew.
	wordInit        = 0x0A
	wordInitDefault = 0x202F
	wordInitRestart = 0x0010
	eearbcWord      = 4 // shifts
	eearbcData      = 16
)

// mendClock starts the clock anew until it is right, a few times. It tells whether the device was switched off for that, which
// resets it.
func (d *Device) mendClock() (restarted bool) {
	if !d.family.slowClock || d.pci == nil || d.regs.Read32(regEECD)&eecdFlash != 0 {
		return false
	}
	resource := d.phyResource()
	if !d.acquire(resource) {
		return false
	}
	external, wake := d.regs.Read32(regMDICNFG), d.regs.Read32(regWUC)
	d.regs.Write32(regMDICNFG, external&^mdicnfgExternal)
	word := d.initWord()
	for range clockTries {
		if !d.clockIsSlow() {
			break
		}
		restarted = true
		d.regs.Write32(regCTRL, d.ctrl|ctrlPHYRST)
		d.modify(regCTRLEXT, 0, ctrlExtPHYDown|ctrlExtSerDes)
		d.regs.Write32(regWUC, 0)
		d.regs.Write32(regEEARBC, wordInit<<eearbcWord|(word|wordInitRestart)<<eearbcData)
		if !d.pci.Sleep() {
			break
		}
		d.clock.Pause(clockOff)
		d.pci.Enable()
		d.regs.Write32(regEEARBC, wordInit<<eearbcWord|word<<eearbcData)
		d.regs.Write32(regWUC, wake)
	}
	d.regs.Write32(regMDICNFG, external)
	d.release(resource)
	return restarted
}

// clockIsSlow asks the PHY, which tells in a register of its own.
func (d *Device) clockIsSlow() bool {
	d.writePHY(d.family.phy, phyPageI210, pageClock)
	d.clock.Delay(clockPage)
	v, ok := d.readPHY(d.family.phy, phyClock)
	d.clock.Delay(clockPage)
	d.writePHY(d.family.phy, phyPageI210, 0)
	return ok && v&clockSlow == clockSlow
}

// initWord is auto-load word 0x0A as the iNVM has it: structures of one word of 32 bits, but for two (333016, 3.4.2), and
// for words address and data behind that.
func (d *Device) initWord() uint32 {
	const words, kind, keyWords = 64, 7, 8
	const empty, autoload, csr, key = 0, 1, 2, 4
	for i := uint32(0); i < words; i++ {
		v := d.regs.Read32(regINVM + 4*i)
		switch v & kind {
		case empty:
			return wordInitDefault
		case csr:
			i++
		case key:
			i += keyWords
		case autoload:
			if v>>9&0x7F == wordInit {
				return v >> 16
			}
		}
	}
	return wordInitDefault
}
