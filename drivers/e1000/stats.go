package e1000

// Stats counts since New. The counters wrap at 64 bits.
type Stats struct {
	TxFrames, TxBytes uint64 // given to the hardware; bytes without padding and FCS
	TxErrors          uint64 // completed with excess or late collisions (SDM 3.3.3.2)
	TxRefused         uint64 // not taken: ErrFrameSize, ErrRingFull, ErrNotReady
	RxFrames, RxBytes uint64 // handed to the caller, without FCS
	RxErrors          uint64 // dropped: an error bit of SDM 3.2.3.2
	RxLength          uint64 // dropped: shorter than a header, or larger than one buffer or the caller's
	TakeOvers         uint64 // calls of TakeOver
	Resets            uint64 // those that needed a reset
}

// Stats returns the counters.
func (d *Device) Stats() Stats { return d.stats }
