package virtionet

// TakeOver makes the device work again from any state, also in the middle of any
// method of d. Frames in flight get 200 ms each to leave, 2 s in all. If the rings are then idle and
// sound it keeps them, and the next frame leaves at once. Otherwise the device is
// reset and brought up on rings that nothing else uses, in some 0.3 ms.
func (d *Device) TakeOver() error {
	if d.restoreBus != nil {
		d.restoreBus()
	}
	if d.sound() {
		d.stalled = false
		d.stats.Kept++
		return nil
	}
	if _, lost, plausible := d.rings().tx.outstanding(); plausible && d.ready {
		d.stats.Abandoned += uint64(lost)
	}
	d.stats.Resets++
	d.broken = true
	return d.start(reserved)
}

// sound gives frames in flight the time to leave, and tells whether the device and
// the present rings can then be relied on.
func (d *Device) sound() bool {
	if !d.ready || d.broken || d.transport.Status() != d.running() {
		return false
	}
	r := d.rings()
	if !r.rx.waiting() || !d.drain(&r.tx) {
		return false
	}
	d.reap(&r.tx)
	return !d.broken && r.tx.idle()
}

// running is the status of a device at work.
func (d *Device) running() uint8 {
	if d.transport.Legacy() {
		return statusAcknowledge | statusDriver | statusDriverOK
	}
	return statusAcknowledge | statusDriver | statusFeaturesOK | statusDriverOK
}

// drain notifies the device of what it was given, waits while it gets on, and tells
// whether it has used all of that. It looks at ring memory alone, since the
// bookkeeping may be half-way, and does nothing if an index there cannot be: a
// device that is notified of a wrong one sends old frames by the thousand.
func (d *Device) drain(q *queue) bool {
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

// outstanding counts, from the indices in ring memory, the published slots that
// the device has not used, and the posted ones, which are those and any that were
// not published yet. plausible is false if an index is not between its neighbours.
func (q *queue) outstanding() (published, posted uint16, plausible bool) {
	if !q.laidOut() {
		return 0, 0, false
	}
	flags, avail := loadFlagsIdx(q.ring.Bytes, q.avail)
	_, used := loadFlagsIdx(q.ring.Bytes, q.used)
	published, posted = avail-used, q.next-used
	return published, posted, flags == availNoInterrupt && posted <= q.slots && published <= posted
}

// laidOut tells whether size and offsets still agree with each other.
func (q *queue) laidOut() bool {
	return q.size != 0 && q.size <= maxQueueSize && q.size&(q.size-1) == 0 &&
		q.slots <= min(q.size, q.room()) &&
		q.avail == availOffset(q.size) && q.used == usedOffset(q.size)
}

// idle tells whether every slot is free, the available ring says what this side
// believes, and the device has used all of it.
func (q *queue) idle() bool {
	published, posted, plausible := q.outstanding()
	return plausible && published == 0 && posted == 0 && q.nfree == q.slots && q.inFlight == 0
}

// waiting tells whether every slot is the device's, as between two calls of
// Receive, and both rings are within what that allows.
func (q *queue) waiting() bool {
	published, posted, plausible := q.outstanding()
	return plausible && published == posted && q.next-q.seen == q.slots &&
		q.nfree == 0 && q.inFlight == q.slots
}
