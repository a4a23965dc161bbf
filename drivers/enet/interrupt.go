package enet

// causes are those of an interrupt, RM 22.5.1.
const causes = eirRXF | eirRXB

// The interrupt side. Its methods touch EIMR, which nothing else in the driver uses but
// to mask all, those events in EIR that are theirs, and the receive ring only to look, so
// that they may be called while any other method is interrupted or runs on another processor.

// EnableInterrupt lets the device interrupt, once more for as long as it is not
// masked, when a frame arrives. It tells whether a frame waits already, for which no
// interrupt may come. One that arrives later makes one.
func (d *Device) EnableInterrupt() (waiting bool) {
	if !d.active.Ready() {
		return false
	}
	// Events of frames that were taken meanwhile would interrupt at once. A frame that
	// comes in between is seen below: its descriptor is written before its event.
	d.regs.Write32(regEIR, causes)
	d.regs.Write32(regEIMR, causes)
	// The read comes back when both writes have arrived. On their way still they would clear the event of a frame that comes
	// behind the look.
	d.regs.Read32(regEIMR)
	q := d.rx(d.active)
	return q.load(q.next, wordStatus)&rxE == 0
}

// DisableInterrupt masks all events.
func (d *Device) DisableInterrupt() { d.regs.Write32(regEIMR, 0) }

// Interrupted masks all events: the device asserts its line no more when it returns. It
// tells whether there was one that had been enabled.
func (d *Device) Interrupted() bool {
	// The read flushes the write, too.
	d.regs.Write32(regEIMR, 0)
	v := d.regs.Read32(regEIR)
	return v != allBits && v&causes != 0
}
