package enet

import "gasp/drivers/inuse"

// writeOff counts the frames of the rings in use as lost and gives the rings up.
// After it, no rings are in use.
func (d *Device) writeOff() {
	n := d.unreported
	for _, s := range [...]inuse.Rings{inuse.Normal, inuse.Reserved} {
		if d.active.Maybe(s) {
			n += d.tx(s).unsent()
		}
	}
	d.unreported = min(n, lostMost)
	d.active = inuse.None
}

// unsent is the most frames of a ring that may not have left. Each descriptor with R or
// TO1 is one: fillTransmit leaves none, Commit sets one of them and the hardware clears
// R. If one is not the driver's, the ring was overwritten and says nothing; then the
// indices count, if they are those that were written, or else the whole ring does.
func (t transmitter) unsent() uint32 {
	n, whole := uint32(0), true
	for i := uint32(0); i <= t.mask; i++ {
		status := t.load(i, wordStatus)
		whole = whole && t.ours(i, status)
		if status&(txR|txTO1) != 0 {
			n++
		}
	}
	switch {
	case whole:
		return min(n, t.mask)
	case t.tail <= t.mask && t.clean <= t.mask && t.witness == witnessOf(t.tail, t.rung):
		return (t.tail - t.clean) & t.mask
	}
	return t.mask
}
