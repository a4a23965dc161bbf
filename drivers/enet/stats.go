package enet

// Stats counts since New. The counters wrap at 64 bits.
type Stats struct {
	TxFrames, TxBytes uint64 // given to the hardware; bytes without padding and FCS
	TxErrors          uint64 // how often Link and Flush found a late collision, a frame given up, an underrun or a bus error
	TxRefused         uint64 // not taken: ErrFrameSize, ErrRingFull, ErrNotReady
	RxFrames, RxBytes uint64 // handed to the caller, without FCS
	RxErrors          uint64 // dropped: LG, NO, CR, OV, TR of the descriptor
	RxLength          uint64 // dropped: shorter than a header, or larger than one buffer or the caller's
	TakeOvers         uint64 // calls of TakeOver
	Resets            uint64 // those that needed a reset
}

// Stats returns the counters.
func (d *Device) Stats() Stats { return d.stats }

// countErrors looks whether frames could not be sent: legacy descriptors do not tell.
func (d *Device) countErrors() {
	if v := d.regs.Read32(regEIR); v != allBits && v&eirTransmitErrors != 0 {
		d.regs.Write32(regEIR, v&eirTransmitErrors)
		d.stats.TxErrors++
	}
}
