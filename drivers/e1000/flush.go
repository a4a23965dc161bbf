package e1000

// I219 hangs at a reset that finds descriptors in its rings, so that nothing but a reset of the
// bus helps. It tells in configuration space that it would. Linux, e1000e/netdev.c,
// e1000_flush_desc_rings, e1000_flush_tx_ring and e1000_flush_rx_ring.
const (
	pciRingStatus = 0xE4
	ringsNotEmpty = 1 << 8

	flushSize      = 512
	rxdctlFlush    = 0x1F | 1<<8 | 1<<24 // prefetch and host thresholds, in descriptors
	rxdctlFlushOff = 0x3FFF
)

// flush empties the rings before a reset, if they need it, with the transmitter off. What they point to may be
// anybody's memory by now, so that they are first moved to a ring that is for this alone.
func (d *Device) flush() {
	if !d.family.flushes || d.pci == nil {
		return
	}
	d.modify(sptFlush.off, sptFlush.clear, sptFlush.set)
	if !d.holdsDescriptors() || d.regs.Read32(regTDLEN) == 0 {
		return
	}
	// 1. One descriptor without EOP makes the transmitter drop those that it holds.
	w, r := d.regs.Write32, &d.flushing
	w(regTDBAL, uint32(r.descPhys))
	w(regTDBAH, uint32(r.descPhys>>32))
	w(regTDLEN, r.length())
	w(regTDH, 0)
	w(regTDT, 0)
	r.put(0, txIFCS|flushSize)
	w(regTCTL, tctlValue)
	w(regTDT, 1)
	d.clock.Delay(flushDelay)
	w(regTCTL, 0)
	if !d.holdsDescriptors() {
		return
	}
	// 2. Other thresholds make the receiver drop its own, once it is on.
	w(regRDT, 0)
	w(regRDH, 0)
	w(regRCTL, 0)
	d.clock.Delay(flushDelay)
	d.modify(regRXDCTL, rxdctlFlushOff, rxdctlFlush)
	w(regRCTL, rctlEN)
	d.clock.Delay(flushDelay)
	w(regRCTL, 0)
}

func (d *Device) holdsDescriptors() bool {
	return d.pci.Read16(pciRingStatus)&ringsNotEmpty != 0
}
