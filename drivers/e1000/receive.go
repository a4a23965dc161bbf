package e1000

// receiver is a receive ring. The hardware owns all descriptors but the one at
// RDT, which is the last that was taken from it (SDM 3.2.6).
type receiver struct {
	*ring
	*rxState
}

type rxState struct {
	next  uint32 // next the hardware fills
	taken uint32 // next, but for the time it takes to give one back
	skip  bool   // within a frame that began in an earlier descriptor
}

// minReceived is a frame's header; less is no frame.
const minReceived = 14

// Receive copies one received frame, without FCS, to buf and returns its length,
// 0 if none is waiting. Frames that the hardware marks as bad, that span several
// descriptors or are no frames are dropped and counted. Errors: ErrBufferSize,
// ErrNotReady.
func (d *Device) Receive(buf []byte) (int, error) {
	if !d.active.Ready() {
		return 0, ErrNotReady
	}
	q := d.rx(d.active)
	for n := uint32(0); n <= q.mask; n++ {
		status, length := q.arrived(q.next)
		if status&rxDD == 0 {
			return 0, nil
		}
		part := q.skip || status&rxEOP == 0
		q.skip = status&rxEOP == 0
		var err error
		switch {
		case status&q.errors != 0:
			d.stats.RxErrors++
			length = 0
		case part || length < minReceived || length > bufferSize:
			d.stats.RxLength++
			length = 0
		case int(length) > len(buf):
			d.stats.RxLength++
			length, err = 0, ErrBufferSize
		default:
			copy(buf, q.buffer(q.next)[:length])
			d.stats.RxFrames++
			d.stats.RxBytes += uint64(length)
		}
		q.taken = (q.next + 1) & q.mask
		d.giveBack(q)
		if length != 0 || err != nil {
			return int(length), err
		}
	}
	return 0, nil
}

// intact tells whether descriptor i has the address of its buffer, or the hardware may have written over it: in the
// advanced layout it does so from next up to its head.
func (x receiver) intact(i, head uint32) bool {
	return x.points(i) || x.advanced && (i-x.next)&x.mask < (head-x.next)&x.mask
}

// giveBack makes the descriptor at next the one that is held back, and so gives
// the hardware the one before. Doing it twice does no harm, which TakeOver needs.
func (d *Device) giveBack(q receiver) {
	q.put(q.next, 0)
	d.regs.Write32(regRDT, q.next&q.mask)
	q.next = q.taken
}
