package enet

// PHY is a transceiver of IEEE 802.3, clause 22, behind RMII at 100 Mb/s, full duplex. That is all it
// is let negotiate, because the MAC's own speed and duplex cannot be changed while it works:
// a partner without 100BASE-TX full duplex gets no link.
type PHY struct {
	// Address is where it is on the management bus, 0 to 31. With NoPHY there is
	// none, as behind a switch, and the link counts as up.
	Address uint8
	// Writes are made after its reset, in this order: what it needs beside the
	// standard's registers, such as where its RMII gets its clock from.
	Writes []PHYWrite
}

// PHYWrite is a value for one register, 0 to 31, of a PHY.
type PHYWrite struct {
	Register uint8
	Value    uint16
}

// NoPHY is the address of none.
const NoPHY = 0xFF

// Registers of a PHY and their bits, IEEE 802.3 22.2.4 and 28.2.4.
const (
	phyBMCR   = 0
	phyBMSR   = 1
	phyID1    = 2
	phyID2    = 3
	phyANAR   = 4 // what is offered
	phyANLPAR = 5 // what the partner offers

	bmcrReset   = 1 << 15
	bmcrAutoneg = 1 << 12
	bmcrRestart = 1 << 9

	bmsrAutonegDone = 1 << 5
	bmsrLink        = 1 << 2 // latches down until it is read

	an100Full = 1 << 8
	anValue   = an100Full | 1 // and the selector of 802.3
)

// mscr is MSCR for a module clock in Hz: the bus gets clock/(2*(MII_SPEED+1)).
func mscr(clock uint32) (uint32, error) {
	speed := (uint64(clock) + 2*mdcMost - 1) / (2 * mdcMost)
	if speed == 0 || speed-1 > mscrSpeedMost {
		return 0, ErrClock
	}
	// 0 would switch the bus off.
	return max(uint32(speed)-1, 1)<<mscrSpeed | mscrHold, nil
}

// negotiate has the PHY negotiate a link. If somebody else, a boot loader, already did and it is of the
// right kind, it is kept, for a negotiation takes seconds.
func (d *Device) negotiate(writes []PHYWrite) {
	if d.PHYID() == 0 {
		return
	}
	d.readPHY(phyBMSR) // which says first whether the link was down before
	status, _ := d.readPHY(phyBMSR)
	partner, _ := d.readPHY(phyANLPAR)
	offered, _ := d.readPHY(phyANAR)
	if status&(bmsrLink|bmsrAutonegDone) == bmsrLink|bmsrAutonegDone && partner&offered&an100Full != 0 {
		d.writePHY(phyANAR, anValue) // for the next negotiation
		return
	}
	d.writePHY(phyBMCR, bmcrReset)
	for t := d.clock.Timer(phyResetWait); !d.clock.Expired(&t); {
		if v, ok := d.readPHY(phyBMCR); ok && v&bmcrReset == 0 {
			break
		}
	}
	for _, w := range writes {
		d.writePHY(uint32(w.Register), w.Value)
	}
	d.writePHY(phyANAR, anValue)
	d.writePHY(phyBMCR, bmcrAutoneg|bmcrRestart)
}

// PHYID is the PHY's identifier, registers 2 and 3, or 0 if none answers.
func (d *Device) PHYID() uint32 {
	high, ok := d.readPHY(phyID1)
	low, ok2 := d.readPHY(phyID2)
	if id := uint32(high)<<16 | uint32(low); ok && ok2 && id != allBits {
		return id
	}
	return 0
}

// Link tells whether the PHY has a link, BMSR. It takes one or two management frames, 28 us
// each at 2.4 MHz, and mdioWait (1 ms) each at most.
func (d *Device) Link() bool {
	d.countErrors()
	if d.phy > 31 {
		return d.regs.Read32(regECR) != allBits
	}
	for range 2 { // the bit says first whether it was down since
		if v, ok := d.readPHY(phyBMSR); ok && v != 0xFFFF && v&bmsrLink != 0 {
			return true
		}
	}
	return false
}

// readPHY reads a register of the PHY.
func (d *Device) readPHY(register uint32) (uint16, bool) {
	return d.manage(mmfrRead | register<<mmfrRegister)
}

// writePHY writes one.
func (d *Device) writePHY(register uint32, v uint16) {
	d.manage(mmfrWrite | register&31<<mmfrRegister | uint32(v))
}

// manage sends one frame on the management bus (RM 22.5), and returns the data that is then in MMFR.
func (d *Device) manage(frame uint32) (uint16, bool) {
	if d.phy > 31 {
		return 0, false
	}
	m := d.mdio
	if d.managing { // one that was interrupted may be under way still
		d.clock.Delay(mdioTime)
	}
	if m.Read32(regMSCR)&mscrOurs != d.mscr {
		// With a clock and something in MMFR a frame would start by itself (Linux,
		// fec_main.c: FEC_QUIRK_CLEAR_SETUP_MII).
		m.Write32(regMSCR, 0)
		m.Write32(regMMFR, 0)
		m.Write32(regMSCR, d.mscr)
	}
	m.Write32(regEIR, eirMII)
	d.managing = true
	m.Write32(regMMFR, mmfrStart|mmfrTurnaround|d.phy<<mmfrAddress|frame)
	done := d.clock.UntilIn(m, regEIR, eirMII, eirMII, mdioWait)
	d.managing = false
	return uint16(m.Read32(regMMFR)), done
}
