package e1000

// Interrupt registers, SDM 13.4.17 to 13.4.21; IMC and ICR are among the general ones.
const (
	regICS = 0x00C8
	regIMS = 0x00D0
)

// Causes of an interrupt, SDM 13.4.17.
const (
	causeLSC    = 1 << 2 // link status change
	causeRXDMT0 = 1 << 4 // receive descriptors run low
	causeRXO    = 1 << 6 // and have run out
	causeRXT0   = 1 << 7 // a frame was received

	causes = causeLSC | causeRXDMT0 | causeRXO | causeRXT0
)

// MSI tells whether the device may be made to interrupt by message. A message of 8254x takes the place of what
// waits to be written, which it damages, until the controller stops (erratum 25 of 82544, 6 of 82540, 4 of 82545, 26 of 82546
// and 7 of 82541, NetBSD, if_wm.c; the last one in the 82541PI Specification Update), one of 82571 and 82572 has two of
// its bytes disabled (erratum 63, NetBSD and DragonFly).
func (d *Device) MSI() bool { return !d.family.noMSI }

// The interrupt side. Its methods touch registers that nothing else in the driver
// uses but to mask them, and the receive ring only to look, so that they may be
// called while any other method is interrupted or runs on another processor. The
// device interrupts with MSI if PCI has that switched on, else by its pin.

// EnableInterrupt lets the device interrupt, once more for as long as it is not
// masked, when a frame arrives or the link changes. It tells whether a frame waits
// already, for which no interrupt may come. One that arrives later makes one.
func (d *Device) EnableInterrupt() (waiting bool) {
	if !d.active.Ready() {
		return false
	}
	// Causes of frames that were taken meanwhile would interrupt at once. They are
	// cleared by writing ones (SDM 13.4.17). A frame that comes in between is seen below: its
	// descriptor is written before its cause.
	d.regs.Write32(regICR, allOnes)
	d.regs.Write32(regIMS, causes)
	// The read comes back when both writes have arrived. On their way still they would clear the cause of a frame that comes
	// behind the look.
	d.regs.Read32(regIMS)
	q := d.rx(d.active)
	return q.load(q.next, q.status)&rxDD != 0
}

// DisableInterrupt masks all causes.
func (d *Device) DisableInterrupt() { d.regs.Write32(regIMC, allOnes) }

// Interrupted masks all causes and takes those that there are: the device asserts its
// pin no more. It tells whether there was one that had been enabled.
func (d *Device) Interrupted() bool {
	// The read flushes the write, too: the pin is released when it returns.
	d.regs.Write32(regIMC, allOnes)
	v := d.regs.Read32(regICR)
	return v != allOnes && v&causes != 0
}

// ProvokeInterrupt makes the device interrupt without a cause of its own (ICS, SDM
// 13.4.20), to find out where that arrives.
// It has had its chance each time.
func (d *Device) ProvokeInterrupt() (due bool) {
	if d.active.Ready() {
		d.regs.Write32(regIMS, causes)
		d.regs.Write32(regICS, causeRXT0)
	}
	return true
}
