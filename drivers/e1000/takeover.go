package e1000

// TakeOver brings the device from any state to one where Transmit and Receive
// work, whatever was interrupted. If the active rings are sound and come to rest
// within idleWait, they are kept and nothing is reset; else the device is reset
// and set up on the reserved rings. It needs no memory, lock or scheduler, and
// may interrupt itself. Errors: ErrAbsent, ErrReset, after which the device
// takes no frame until a TakeOver succeeds.
func (d *Device) TakeOver() error {
	d.stats.TakeOvers++
	d.regs.Write32(regIMC, allOnes)
	q := &d.queues[d.active&1]
	if d.sound(q) && d.rest(&q.tx) {
		d.resume(q)
		return nil
	}
	d.stats.Resets++
	d.ready = false
	if d.pci != nil {
		d.pci.Restore()
	}
	wasReset, err := d.reset()
	if err != nil {
		return err
	}
	d.setUp(reserved, wasReset)
	return nil
}

// sound tells whether every register that carries frames is as setUp left it,
// and the tails are where Transmit and Receive put them.
func (d *Device) sound(q *queue) bool {
	if !d.ready || d.pci != nil && !d.pci.Intact() {
		return false
	}
	r := d.regs
	t, x := &q.tx, &q.rx
	if r.Read32(regCTRL)&ctrlOurs != d.ctrl&ctrlOurs ||
		r.Read32(regTCTL)&tctlOurs != tctlValue&tctlOurs ||
		r.Read32(regTDBAL) != uint32(t.descPhys) ||
		r.Read32(regTDBAH) != uint32(t.descPhys>>32) ||
		r.Read32(regTDLEN) != t.length() {
		return false
	}
	if d.id.family.express() &&
		(r.Read32(regTARC0)&tarcEnable == 0 || r.Read32(regRFCTL)&rfctlEXTEN != 0) {
		return false
	}
	if tail := r.Read32(regTDT); tail != t.rung && tail != t.tail {
		return false
	}
	low, high := d.address()
	if r.Read32(regRCTL) != rctlValue ||
		r.Read32(regRAL) != low || r.Read32(regRAH)&(rahAV|0xFFFF) != high ||
		r.Read32(regRDBAL) != uint32(x.descPhys) ||
		r.Read32(regRDBAH) != uint32(x.descPhys>>32) ||
		r.Read32(regRDLEN) != x.length() ||
		r.Read32(regRDH) > x.mask ||
		x.next > x.mask {
		return false
	}
	tail := r.Read32(regRDT)
	return tail == (x.next-1)&x.mask || tail == x.next && x.taken == (x.next+1)&x.mask
}

// rest waits until the hardware has completed all that it was told of.
func (d *Device) rest(t *transmitter) bool {
	for w := d.timer(idleWait); ; {
		if d.idle(t) {
			return true
		}
		if d.expired(&w) {
			return false
		}
	}
}

// idle tells whether head has reached tail and every descriptor up to there is
// done.
func (d *Device) idle(t *transmitter) bool {
	tail := d.regs.Read32(regTDT)
	if tail > t.mask || d.regs.Read32(regTDH) != tail {
		return false
	}
	for i := t.clean & t.mask; i != tail; i = (i + 1) & t.mask {
		if t.load(i, 3)&txDD == 0 {
			return false
		}
	}
	return true
}

// resume makes the state agree with the registers of an idle ring: a frame that
// was written and not told of is forgotten, one that was told of counts, and a
// receive descriptor that was taken is given back.
func (d *Device) resume(q *queue) {
	tail := d.regs.Read32(regTDT) & q.tx.mask
	q.tx.tail, q.tx.rung, q.tx.clean = tail, tail, tail
	if q.rx.taken != q.rx.next {
		q.rx.taken = (q.rx.next + 1) & q.rx.mask
		d.giveBack(&q.rx)
	}
}
