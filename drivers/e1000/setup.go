package e1000

import "gasp/drivers/inuse"

// setUp programs a device that came out of reset for the rings of s, and makes
// those the active ones. Registers side by side are written from the highest down: writes upwards may be made one by a
// bridge, of which 82545GM and 82546GB lose every other register (82546GB Specification Update, June 2006, erratum 15).
func (d *Device) setUp(s inuse.Rings, wasReset bool) {
	w := d.regs.Write32

	// 1. Link (SDM 8.6): no flow control; fibre and SerDes negotiate in
	// the MAC.
	if !d.family.pch { // which has other registers there
		w(regFCT, 0)
		w(regFCAH, 0)
		w(regFCAL, 0)
	}
	w(regFCTTV, 0)
	if d.id.serdes {
		w(regTXCW, txcwANE|txcwFD)
	}
	w(regCTRL, d.ctrl)

	// 2. Filters (SDM 14.4): our address, broadcast, all multicast.
	for n := d.family.addresses - 1; n > 0; n-- {
		w(regRAH+8*n, 0)
		w(regRAL+8*n, 0)
	}
	w(regRAL, d.ral)
	d.regs.Read32(regSTATUS) // in place of that order: the address is valid with RAH
	w(regRAH, d.rah)
	for n := d.family.multicast(); n > 0; n-- {
		w(regMTA+4*(n-1), 0)
	}
	w(regRXCSUM, 0)
	d.quirks()

	// 3. Transmit ring (SDM 14.5).
	t := d.tx(s)
	t.fill()
	t.tail, t.rung, t.clean, t.stuck = 0, 0, 0, false
	w(regTDLEN, t.length())
	w(regTDBAH, uint32(t.descPhys>>32))
	w(regTDBAL, uint32(t.descPhys))
	w(regTDH, 0)
	w(regTDT, 0)
	w(regTXDCTL, d.family.txdctl)
	if d.family.tipg != 0 {
		w(regTIPG, d.tipg())
	}
	w(regTCTL, tctlValue)
	if !wasReset && !d.family.queues {
		d.scrub(t)
	}

	// 4. Receive ring (SDM 14.4), enabled before it gets descriptors.
	r := d.rx(s)
	r.next, r.taken, r.skip = 0, 0, false
	for n := uint32(0); n <= r.mask; n++ {
		r.put(n, 0)
	}
	w(regRDLEN, r.length())
	w(regRDBAH, uint32(r.descPhys>>32))
	w(regRDBAL, uint32(r.descPhys))
	if d.family.queues {
		w(regSRRCTL, srrctlBuffer|srrctlOneBuf)
	} else {
		w(regRDTR, 0) // 82543GC, erratum 37
	}
	w(regRXDCTL, d.family.rxdctl)
	w(regRDH, 0)
	if d.regs.Read32(regRCTL) != rctlValue {
		w(regRCTL, rctlValue)
	}
	if d.family.queues {
		// The tails count from when the queues are on only.
		d.clock.Until(regTXDCTL, queueEnable, queueEnable, queueWait)
		d.clock.Until(regRXDCTL, queueEnable, queueEnable, queueWait)
		w(regTDT, 0)
	}
	w(regRDT, r.mask)

	d.active = s
	d.gap(d.regs.Read32(regSTATUS))
	if d.deaf {
		d.rehear()
	}
}

// scrub ends a packet of which a device that ignores CTRL.RST may hold a part:
// one descriptor with EOP, sent into the PHY's loopback instead of onto the wire.
func (d *Device) scrub(t transmitter) {
	if !d.writePHY(d.family.phy, phyBMCR, bmcrNormal|bmcrLoopback) {
		return
	}
	b := t.buffer(0)[:minFrame]
	clear(b)
	copy(b, d.mac[:])
	copy(b[6:], d.mac[:])
	t.put(0, txCommand|minFrame)
	t.store(0, 3, txScrub)
	d.regs.Write32(regTDT, 1)
	for w := d.clock.Timer(frameWait); t.load(0, 3)&txDD == 0 && !d.clock.Expired(&w); {
	}
	d.writePHY(d.family.phy, phyBMCR, bmcrNormal)
	t.tail, t.rung = 1, 1
}

// tipg is the gap between frames of the medium.
func (d *Device) tipg() uint32 {
	if d.id.serdes {
		return d.family.tipg + 1
	}
	return d.family.tipg
}
