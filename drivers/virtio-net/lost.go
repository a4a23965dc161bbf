package virtionet

import "gasp/drivers/inuse"

// lostMost is how many frames can be lost at once: two full rings.
const lostMost = normalTransmitSlots + reservedTransmitSlots

// writeOff counts the frames of the rings in use as lost and gives the rings up.
// After it, no rings are in use.
func (d *Device) writeOff() {
	n := uint32(0)
	for _, s := range [...]inuse.Rings{inuse.Normal, inuse.Reserved} {
		if d.active.Maybe(s) {
			n += d.unsent(d.of(s).tx)
		}
	}
	d.stats.Abandoned += uint64(n)
	d.unreported = min(d.unreported+n, lostMost)
	d.active = inuse.None
}

// unsent is the most frames of a transmit ring that may not have left: what ring
// memory and the driver agree on, or else what either says that makes sense by
// itself, or else all that there is room for.
func (d *Device) unsent(q queue) uint32 {
	if !q.laidOut(d.header()) {
		return uint32(q.limit)
	}
	if _, posted, plausible := q.outstanding(); plausible {
		return uint32(posted)
	}
	if q.next-q.seen <= q.inFlight && q.inFlight <= q.slots && q.busySlots() == q.inFlight {
		return uint32(q.inFlight)
	}
	if flags, avail, used := q.indices(); flags == q.flags && avail-used <= q.slots {
		return uint32(min(avail-used+1, q.slots)) // and one that was being posted
	}
	return uint32(q.slots)
}
