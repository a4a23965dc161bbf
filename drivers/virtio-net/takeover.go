package virtionet

import (
	"math/bits"

	"gasp/drivers/inuse"
	"gasp/drivers/virtio"
)

// TakeOver makes the device work again from any state, also in the middle of any
// method of d. Frames in flight get settleWait (200 ms) each to leave, settleMost
// (2 s) in all. If the rings are then idle and sound it keeps them, and the next
// frame leaves at once; one whose Transmit did not return may then be forgotten.
// Otherwise the device is reset and brought up on rings that nothing else uses, in
// some 0.3 ms.
//
// lost is how many frames that Transmit took may never have left, 0 if the rings
// were kept. One being given counts from when it is in the available ring. It is
// exact as long as ring memory holds, and never more than 384. Frames are reported
// once, by the first TakeOver that succeeds.
//
// Errors: ErrReset, ErrFeatures, ErrQueue, ErrStart, after which the device takes no
// frame until a TakeOver succeeds.
//
// It takes at most takeOverMost (2.1 s), and the time of some 60 register accesses.
func (d *Device) TakeOver() (lost int, err error) {
	d.stats.TakeOvers++
	// The first time, which is to be fast, only if it must: a fault on the way comes
	// back here.
	if d.stats.TakeOvers > 1 {
		d.sealed.Mend(&d.core)
	}
	running := d.transport.Status() == d.running()
	if d.bus != nil && (!running || !d.bus.Intact()) {
		d.bus.Restore()
		running = d.transport.Status() == d.running()
	}
	if running && d.keep() {
		d.stats.Kept++
	} else {
		d.stats.Resets++
		d.sealed.Mend(&d.core)
		err = d.start(inuse.Reserved)
	}
	if err == nil {
		lost = int(min(d.unreported, lostMost))
		d.unreported = 0
	}
	return lost, err
}

// keep gives frames in flight the time to leave, and if the device and the present
// rings can then be relied on, makes the state agree with them.
func (d *Device) keep() bool {
	if !d.active.Ready() || d.broken {
		return false
	}
	r := d.rings()
	header, split := d.header()
	if !r.tx.laidOut(header, split) || !d.drain(r.tx) ||
		!r.rx.laidOut(header, split) || !r.rx.waiting() {
		return false
	}
	r.rx.suppress(true)
	r.tx.suppress(true)
	// Every frame that the device was shown is used. One that was posted and not
	// shown is forgotten; its caller never returned.
	_, shown, _ := r.tx.indices()
	r.tx.empty(shown)
	d.stalled = false
	return true
}

// running is the status of a device at work.
func (d *Device) running() uint8 {
	if d.transport.Legacy() {
		return virtio.StatusAcknowledge | virtio.StatusDriver | virtio.StatusDriverOK
	}
	return virtio.StatusAcknowledge | virtio.StatusDriver | virtio.StatusFeaturesOK | virtio.StatusDriverOK
}

// drain notifies the device of what it was given, waits while it gets on, and tells
// whether it has used all of that. It looks at ring memory alone, since the
// bookkeeping may be half-way, and does nothing if an index there cannot be: a
// device that is notified of a wrong one sends old frames by the thousand.
func (d *Device) drain(q queue) bool {
	pending, _, plausible := q.outstanding()
	if !plausible || pending == 0 {
		return plausible
	}
	d.transport.Notify(q.index)
	w, all := d.wait(settleWait), d.wait(settleMost)
	for plausible && pending != 0 && !d.over(&w) && !d.over(&all) {
		before := pending
		if pending, _, plausible = q.outstanding(); pending < before {
			w = d.wait(settleWait)
		}
	}
	return plausible && pending == 0
}

// indices are what ring memory says: the flags and the index of the available ring
// and the index of the used ring.
func (q queue) indices() (flags, avail, used uint16) {
	flags, avail = loadFlagsIdx(q.ring.Bytes, q.avail)
	_, used = loadFlagsIdx(q.ring.Bytes, q.used)
	return flags, avail, used
}

// outstanding counts, from the indices in ring memory, the published slots that
// the device has not used, and the posted ones, which are those and any that were
// not published yet. plausible is false if an index is not between its neighbours.
func (q queue) outstanding() (published, posted uint16, plausible bool) {
	flags, avail, used := q.indices()
	published, posted = avail-used, q.next-used
	// Of the receive queue either flag may be there: it is changed beside q.flags, from
	// whatever context.
	known := flags == q.flags || q.index == receiveQ && flags&^availNoInterrupt == 0
	return published, posted, known && posted <= q.slots && published <= posted
}

// laidOut tells whether sizes and offsets still agree with each other. Only then
// may the rings be looked at.
func (q queue) laidOut(header uint16, split bool) bool {
	if q.size == 0 || q.size > q.most || q.size&(q.size-1) != 0 {
		return false
	}
	slots := q.size
	if split {
		slots /= 2
	}
	return q.header == header && q.split == split && q.slots == min(slots, q.limit) &&
		q.avail == availOffset(q.size) && q.used == usedOffset(q.size)
}

// waiting tells whether every slot is the device's, as between two calls of
// Receive, and both rings are within what that allows. Of the descriptors it looks
// at three, which a table that was overwritten or moved as a whole does not survive.
func (q queue) waiting() bool {
	published, posted, plausible := q.outstanding()
	return plausible && published == posted && q.next-q.seen == q.slots &&
		q.inFlight == q.slots && q.busySlots() == q.slots &&
		q.described(0) && q.described(q.slots/2) && q.described(q.slots-1)
}

// busySlots counts the slots that are marked as the device's.
func (q queue) busySlots() uint16 {
	n := 0
	for _, w := range q.busy {
		n += bits.OnesCount64(w)
	}
	return uint16(n)
}

// described tells whether the descriptor of a slot has the slot's address.
func (q queue) described(slot uint16) bool {
	i, address := int(slot), q.buffers.Phys+uint64(slot)*slotSize+slotFrame-uint64(q.header)
	if q.split {
		i *= 2
	}
	d := q.ring.Bytes[descriptorSize*i:][:8]
	return get32(d) == uint32(address) && get32(d[4:]) == uint32(address>>32)
}
