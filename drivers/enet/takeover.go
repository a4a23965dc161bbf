package enet

import "gasp/drivers/inuse"

// TakeOver brings the device from any state to one where Transmit and Receive
// work, whatever was interrupted. If the active rings are sound and come to rest
// within idleWait, they are kept and nothing is reset; a frame whose Transmit did
// not return may then be forgotten. Else the device is reset and set up on the
// reserved rings. It needs no memory, lock or scheduler, and may interrupt itself.
//
// lost is how many frames that were committed may never have left, 0 if the rings
// were kept. One being given counts from when its descriptor is whole. It is exact as
// long as the descriptors are the driver's, and never more than 158. Frames are
// reported once, by the first TakeOver that succeeds.
//
// Errors: ErrAbsent, ErrReset, after which the device takes no frame until a
// TakeOver succeeds.
//
// It takes at most takeOverMost (53 ms), without a clock wait.MaxSpins register reads
// for each of its waits, and the time of some 200 register accesses. The PHY, and so the
// link, it leaves as it is.
func (d *Device) TakeOver() (lost int, err error) {
	d.stats.TakeOvers++
	// The first time, which is to be fast, only if it must: a fault on the way comes
	// back here.
	if d.stats.TakeOvers > 1 {
		d.sealed.Mend(&d.core)
	}
	d.regs.Write32(regEIMR, 0)
	kept := false
	if d.active.Ready() {
		t, x := d.tx(d.active), d.rx(d.active)
		if kept = d.programmed(t, x) && t.sound() && d.rest(t) && t.still(t.rung) && x.sound(); kept {
			d.resume(t, x)
		}
	}
	if !kept {
		err = d.restart()
	}
	if err == nil {
		lost = int(min(d.unreported, lostMost))
		d.unreported = 0
	}
	return lost, err
}

// lostMost is how many frames can be lost at once: two full rings.
const lostMost = txNormal - 1 + txReserved - 1

// restart resets the device and sets it up on the reserved rings.
func (d *Device) restart() error {
	d.stats.Resets++
	d.sealed.Mend(&d.core)
	err := d.reset()
	// Only now nothing is written back any more.
	d.writeOff()
	if err == nil {
		d.setUp(inuse.Reserved)
	}
	return err
}

// programmed tells whether every register that frames need reads as it did after setUp.
func (d *Device) programmed(t transmitter, x receiver) bool {
	r := d.regs
	if r.Read32(regECR)&ecrOurs != ecrValue || r.Read32(regTDSR) != t.descPhys || r.Read32(regRDSR) != x.descPhys ||
		r.Read32(regPALR) != d.palr || r.Read32(regPAUR)&addressOurs != d.paur {
		return false
	}
	for i := range settings {
		if s := &settings[i]; s.ours != 0 && r.Read32(s.register)&s.ours != d.want[i] {
			return false
		}
	}
	return true
}

// sound tells whether the indices are those that were written, and the descriptors what they say, and takes a
// batch as told of that was in the middle of it: its first descriptor is no more TO1.
func (t transmitter) sound() bool {
	if t.tail > t.mask || t.rung > t.mask || t.witness != witnessOf(t.tail, t.rung) {
		return false
	}
	if t.tail != t.rung && t.load(t.rung, wordStatus)&txTO1 == 0 {
		t.move(t.tail, t.tail)
	}
	return t.still(t.clean)
}

// rest waits until the hardware has read all that it was told of. Descriptors are done in
// the order of the ring (RM 22.6.13), so the last stands for all of them.
func (d *Device) rest(t transmitter) bool {
	for w := d.clock.Timer(idleWait); ; {
		if t.load(t.rung-1, wordStatus)&txR == 0 {
			return true
		}
		if d.clock.Expired(&w) {
			return false
		}
		if d.regs.Read32(regTDAR)&active == 0 {
			d.kick()
		}
	}
}

// still tells whether each descriptor is the driver's, and none is ready but those from one on: what the
// hardware was told of, if that counts, and a batch that it was not told of, with the one behind
// it. One somewhere else would send what nobody wrote, now or when the hardware gets there.
func (t transmitter) still(from uint32) bool {
	n := (t.rung-from)&t.mask + t.untold()
	for i := uint32(0); i <= t.mask; i++ {
		status := t.load(i, wordStatus)
		if !t.ours(i, status) || status&txR != 0 && ((i-from)&t.mask >= n || !t.within(i, status)) {
			return false
		}
	}
	return true
}

// within tells whether a frame lies in the buffer of its descriptor.
func (t transmitter) within(i, status uint32) bool {
	begin := t.load(i, wordAddress) - t.bus(i)
	return begin < bufferSize && begin+status&bdLength <= bufferSize && begin%frameAlign == 0
}

// untold is how many descriptors from rung on may be written and not told of: one more than the
// indices say, if there is a batch.
func (t transmitter) untold() uint32 {
	n := (t.tail - t.rung) & t.mask
	if n != 0 {
		n++
	}
	return n
}

// sound tells the same of the receive ring, where the hardware reads addresses, too: what
// is full begins at next, or behind it if that was just given back, and all else is empty.
func (x receiver) sound() bool {
	if x.next > x.mask || x.witness != witnessOf(x.next, x.taken) {
		return false
	}
	first, empty := x.next, false
	if x.load(first, wordStatus)&rxE != 0 {
		first = x.taken
	}
	for n := uint32(0); n <= x.mask; n++ {
		i := (first + n) & x.mask
		status := x.load(i, wordStatus)
		if x.load(i, wordAddress) != x.bus(i) || status&bdW != x.wrap(i) || empty && status&rxE == 0 {
			return false
		}
		empty = empty || status&rxE != 0
	}
	return true
}

// resume makes the state agree with an idle ring: a batch that was not told of is
// forgotten, and a receive descriptor that was taken is given back.
func (d *Device) resume(t transmitter, x receiver) {
	// From behind, so that what interrupts this finds a batch still.
	for n := t.untold(); n > 1; n-- {
		i := t.rung + n - 1
		t.store(i, wordStatus, t.load(i, wordStatus)&^txR)
	}
	t.move(t.rung, t.rung)
	t.store(t.rung, wordStatus, t.load(t.rung, wordStatus)&^(txR|txTO1))
	t.clean, t.stuck = t.rung, false
	x.skip = false
	if x.taken != x.next {
		if x.load(x.next, wordStatus)&rxE == 0 {
			x.put(x.next, x.bus(x.next), rxE)
		}
		x.move(x.taken)
	}
	d.listen()
}
