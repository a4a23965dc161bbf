package enet

// reset brings the device from any state to one where it does no DMA, raises no
// interrupt and its registers can be written. Errors: ErrAbsent, ErrReset.
func (d *Device) reset() error {
	// 1. Interrupts off. What R says was read may be in the FIFO still.
	d.regs.Write32(regEIMR, 0)
	if d.regs.Read32(regECR)&ecrOurs == ecrValue {
		d.clock.Delay(fifoDelay)
	}

	// 2. Disable, which lets the bus come to rest, before the reset: Linux resets
	// none of these MACs that is behind AXI in the middle of a transfer.
	d.regs.Write32(regECR, ecrDBSWP)
	d.clock.Delay(stopDelay)

	// 3. Reset (RM 22.5), 8 cycles of the module clock.
	d.regs.Write32(regECR, ecrRESET)
	switch {
	case d.clock.Until(regECR, ecrRESET, 0, resetWait):
	case d.regs.Read32(regECR) == allBits:
		return ErrAbsent
	default:
		return ErrReset
	}
	d.regs.Write32(regEIMR, 0)
	d.regs.Write32(regEIR, allBits)
	return nil
}
