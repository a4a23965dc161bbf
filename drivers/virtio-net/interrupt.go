package virtionet

// The interrupt side. Its methods change the flags of the available rings, one bit
// that every other method leaves as it is, and look at the receive ring; so they may
// be called while any other method is interrupted or runs on another processor.
// Change notifications of the configuration are acknowledged and not used.

// EnableInterrupt lets the device interrupt when a frame arrives (2.7.7). It tells
// whether one waits already, for which no interrupt may come. One that is used after
// the flag was cleared makes one: the write of the flag is a barrier (2.7.13.4).
func (d *Device) EnableInterrupt() (waiting bool) {
	if d.broken || !d.active.Ready() {
		return false
	}
	q := d.rings().rx
	q.suppress(false)
	_, used := loadFlagsIdx(q.ring.Bytes, q.used)
	return used != q.seen
}

// DisableInterrupt asks the device not to interrupt. It may do so all the same, for a
// while (2.7.7.2).
func (d *Device) DisableInterrupt() {
	if d.active.Ready() {
		r := d.rings()
		r.rx.suppress(true)
		r.tx.suppress(true)
	}
}

// Interrupts tells whether the device can interrupt: one with MSI-X may have refused
// its vector (4.1.5.1.2.2).
func (d *Device) Interrupts() bool { return !d.msix || d.vector }

// Interrupted asks the device not to interrupt, and reads and acknowledges why it did
// (4.1.5.3, 4.2.3.4): it asserts its pin no more. It tells whether it did. With MSI-X
// there is nothing to acknowledge, and no other device that it could have been.
func (d *Device) Interrupted() bool {
	d.DisableInterrupt()
	return d.msix || d.transport.Acknowledge()&interruptCauses != 0
}

// interruptCauses are a used buffer and a change of the configuration.
const interruptCauses = 1<<0 | 1<<1

// ProvokeInterrupt makes the device interrupt at the next frame that is received, or
// that it is done with transmitting, to find out where that arrives: there is no
// other way to make it. It tells whether one was transmitted since it was called last.
func (d *Device) ProvokeInterrupt() (due bool) {
	if !d.active.Ready() {
		return false
	}
	q := d.rings().tx
	d.rings().rx.suppress(false)
	_, used := loadFlagsIdx(q.ring.Bytes, q.used)
	due = q.flags == 0 && used != d.provoked
	d.provoked = used
	q.suppress(false)
	return due
}

// suppress sets or clears VIRTQ_AVAIL_F_NO_INTERRUPT.
func (q queue) suppress(on bool) {
	q.flags = 0
	if on {
		q.flags = availNoInterrupt
	}
	storeFlags(q.ring.Bytes, q.avail, q.flags)
}
