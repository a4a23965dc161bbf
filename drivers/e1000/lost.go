package e1000

import "gasp/drivers/inuse"

// writeOff counts the frames of the rings in use as lost and gives the rings up.
// tail is what TDT held. After it, no rings are in use.
func (d *Device) writeOff(tail uint32) {
	n := d.unreported
	for _, s := range [...]inuse.Rings{inuse.Normal, inuse.Reserved} {
		if d.active.Maybe(s) {
			n += d.tx(s).unsent(tail)
		}
	}
	d.unreported = min(n, lostMost)
	d.active = inuse.None
}

// unsent is the most frames of a ring that may not have left. Each descriptor
// without DD is one: fill leaves none, Transmit clears DD last and hardware sets it.
// If one is not the driver's, the ring was overwritten and says nothing; then the
// indices count, if TDT bears them out, or else the whole ring does.
func (t transmitter) unsent(tail uint32) uint32 {
	n, whole := uint32(0), true
	for i := uint32(0); i <= t.mask; i++ {
		whole = whole && t.ours(i)
		if t.load(i, 3)&t.ownAlone == 0 {
			n++
		}
	}
	switch {
	case whole:
		return min(n, t.mask)
	case tail <= t.mask && t.tail <= t.mask && t.clean <= t.mask && (tail == t.rung || tail == t.tail):
		return (t.tail - t.clean) & t.mask
	}
	return t.mask
}
