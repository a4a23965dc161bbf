package e1000

import (
	"gasp/drivers/inuse"
	"gasp/drivers/reg"
)

// TakeOver brings the device from any state to one where Transmit and Receive
// work, whatever was interrupted. If the active rings are sound and come to rest
// within idleWait, they are kept and nothing is reset; a frame whose Transmit did
// not return may then be forgotten. Else the device is reset and set up on the
// reserved rings. It needs no memory, lock or scheduler, and may interrupt itself.
//
// lost is how many frames that Transmit took may never have left, 0 if the rings
// were kept. One being given counts from when its descriptor is whole. It is exact as
// long as the descriptors are the driver's, and never more than 286. Frames are
// reported once, by the first TakeOver that succeeds.
//
// Errors: ErrAbsent, ErrReset, after which the device takes no frame until a
// TakeOver succeeds.
//
// It takes at most takeOverMost (135 ms), without a clock wait.MaxSpins register reads
// for each of its waits, and the time of some 400 register accesses.
func (d *Device) TakeOver() (lost int, err error) {
	d.stats.TakeOvers++
	// The first time, which is to be fast, only if it must: a fault on the way comes
	// back here.
	if d.stats.TakeOvers > 1 {
		d.sealed.Mend(&d.core)
	}
	d.regs.Write32(regIMC, allOnes)
	kept := false
	if d.active.Ready() && (d.pci == nil || d.pci.Intact()) {
		t, x := d.tx(d.active), d.rx(d.active)
		tail := d.regs.Read32(regTDT)
		if kept = d.sends(t, tail) && d.rest(t, tail) && d.receives(x); kept {
			d.resume(t, x, tail)
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
	if d.pci != nil {
		d.pci.Restore()
	}
	tail := d.regs.Read32(regTDT)
	wasReset, err := d.reset()
	if err != nil {
		d.writeOff(tail)
		return err
	}
	// Only now nothing is written back any more.
	d.writeOff(tail)
	d.setUp(inuse.Reserved, wasReset)
	return nil
}

// sends tells whether every register that the transmitter needs is as setUp left
// it, and the tail where Transmit put it.
func (d *Device) sends(t transmitter, tail uint32) bool {
	r := d.regs
	return (tail == t.rung || tail == t.tail) && tail <= t.mask &&
		t.ours(tail-1) &&
		(r.Read32(regCTRL)^d.ctrl)&d.kept == 0 &&
		r.Read32(regTCTL)&tctlOurs == tctlValue&tctlOurs &&
		r.Read32(regTDBAL) == uint32(t.descPhys) &&
		r.Read32(regTDBAH) == uint32(t.descPhys>>32) &&
		r.Read32(regTDLEN) == t.length() &&
		d.on(r)
}

// ctrlOurs are the bits of CTRL that must be as they were written, of those that can be read: chipsets' documents call SLU and
// ILOS reserved (I217DS 11.1.2.2.1). QEMU's igb sets those of flow control itself when the link comes.
func (d *Device) ctrlOurs() uint32 {
	ours := uint32(ctrlOurs)
	if d.family.queues {
		ours &^= ctrlRFCE | ctrlTFCE
	}
	return ours &^ (d.regs.Read32(regCTRL) ^ d.ctrl)
}

// on tells whether the ring's queue is on, where there are several.
func (d *Device) on(r reg.Space) bool {
	switch {
	case !d.family.express:
		return true
	case d.family.queues:
		return r.Read32(regTXDCTL)&queueEnable != 0
	}
	return r.Read32(regTARC0)&tarcEnable != 0
}

// receives tells the same of the receiver. Of its descriptors it looks at three,
// which a ring that was overwritten or moved as a whole does not survive.
func (d *Device) receives(x receiver) bool {
	r := d.regs
	if x.next > x.mask ||
		r.Read32(regRCTL) != rctlValue ||
		r.Read32(regRAL) != d.ral || r.Read32(regRAH)&(rahAV|0xFFFF) != d.rah ||
		r.Read32(regRDBAL) != uint32(x.descPhys) ||
		r.Read32(regRDBAH) != uint32(x.descPhys>>32) ||
		r.Read32(regRDLEN) != x.length() ||
		d.family.express && r.Read32(regRFCTL)&rfctlEXTEN != 0 ||
		d.family.queues && (r.Read32(regRXDCTL)&queueEnable == 0 || r.Read32(regSRRCTL) != srrctlBuffer|srrctlOneBuf) {
		return false
	}
	head := r.Read32(regRDH)
	if head > x.mask || !x.intact(0, head) || !x.intact(x.mask/2, head) || !x.intact(x.mask, head) {
		return false
	}
	tail := r.Read32(regRDT)
	return tail == (x.next-1)&x.mask || tail == x.next && x.taken == (x.next+1)&x.mask
}

// rest waits until the hardware has completed all that it was told of.
func (d *Device) rest(t transmitter, tail uint32) bool {
	if d.idle(t, tail) {
		return true
	}
	for w := d.clock.Timer(idleWait); !d.clock.Expired(&w); {
		if d.idle(t, tail) {
			return true
		}
	}
	return false
}

// idle tells whether head has reached tail, and the last descriptor before it is
// done. Head is where the hardware fetches (SDM 13.4.39) and proves nothing by
// itself. Descriptors complete in the order of the ring, a queue (SDM 3.4), and
// each is written back by itself: RS is in all, and TXDCTL.WTHRESH at most 1
// (SDM 13.4.43). So DD of the last stands for all of them.
func (d *Device) idle(t transmitter, tail uint32) bool {
	return d.regs.Read32(regTDH) == tail && t.load(tail-1, 3)&txDD != 0
}

// resume makes the state agree with the registers of an idle ring: a frame that
// was written and not told of is forgotten, one that was told of counts, and a
// receive descriptor that was taken is given back. No frame spans two of those:
// RCTL.LPE is off.
func (d *Device) resume(t transmitter, x receiver, tail uint32) {
	t.tail, t.rung, t.clean, t.stuck = tail, tail, tail, false
	x.skip = false
	if x.taken == x.next {
		return
	}
	// One that the hardware has not filled, though, cannot have been taken.
	if d.regs.Read32(regRDT) != x.next && d.regs.Read32(regRDH) == x.next {
		x.taken = x.next
		return
	}
	x.taken = (x.next + 1) & x.mask
	d.giveBack(x)
}
