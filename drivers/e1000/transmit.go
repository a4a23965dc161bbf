package e1000

// transmitter is a transmit ring. Descriptors from clean to rung are with the
// hardware, those from rung to tail written and not yet told of, the rest free.
// One stays free, because an empty ring has head and tail equal (SDM 3.4).
type transmitter struct {
	*ring
	*txState
}

type txState struct {
	tail  uint32 // next to be written
	rung  uint32 // what TDT holds
	clean uint32 // oldest not seen done
	stuck bool   // the last wait for it was in vain
}

// reclaimed is how many descriptors Transmit takes back, if they are done: more
// than it gives, so that the ones in use are few when a crash comes.
const reclaimed = 2

// Transmit copies one Ethernet frame without FCS, 1 to MaxFrame bytes, padded to
// 60, and gives it to the hardware. It waits only if the ring is full, frameWait
// (10 ms) at most, and not again before the device has completed something. Errors,
// with which the frame was not taken: ErrFrameSize, ErrRingFull, ErrNotReady.
//
// Without a link a controller keeps what it is given, and sends it when the link is
// back; QEMU's drop it and report it as done. Neither is an error here.
func (d *Device) Transmit(frame []byte) error {
	q := d.tx(d.active)
	if err := d.put(q, frame); err != nil {
		d.stats.TxRefused++
		return err
	}
	d.doorbell(q)
	return nil
}

// TransmitBatch is Transmit for several frames with one write of TDT. It returns
// how many were taken, fewer than all with the error that stopped it.
func (d *Device) TransmitBatch(frames [][]byte) (int, error) {
	q := d.tx(d.active)
	for i, frame := range frames {
		if err := d.put(q, frame); err != nil {
			d.stats.TxRefused++
			d.doorbell(q)
			return i, err
		}
	}
	d.doorbell(q)
	return len(frames), nil
}

// put writes a frame and its descriptor at the tail.
func (d *Device) put(q transmitter, frame []byte) error {
	if len(frame) == 0 || len(frame) > MaxFrame {
		return ErrFrameSize
	}
	if !d.ready() {
		return ErrNotReady
	}
	for n := 0; n < reclaimed && q.clean != q.rung && d.advance(q); n++ {
	}
	next := (q.tail + 1) & q.mask
	if next == q.clean && !d.reclaim(q) {
		return ErrRingFull
	}
	b := q.buffer(q.tail)
	n := copy(b, frame)
	for ; n < minFrame; n++ {
		b[n] = 0
	}
	q.put(q.tail, txCommand|uint32(n))
	q.tail = next
	d.stats.TxFrames++
	d.stats.TxBytes += uint64(len(frame))
	return nil
}

// doorbell tells the hardware of every descriptor up to the tail. A TakeOver in
// between finds TDT at rung or at tail, and so knows which were told.
func (d *Device) doorbell(q transmitter) {
	if q.rung != q.tail && d.ready() {
		d.regs.Write32(regTDT, q.tail&q.mask)
		q.rung = q.tail
	}
}

// reclaim waits for the oldest descriptor. A device that let one wait pass is
// not waited for again until it completes something.
func (d *Device) reclaim(q transmitter) bool {
	if d.advance(q) {
		return true
	}
	d.doorbell(q)
	for t := d.timer(frameWait); !q.stuck; {
		if d.advance(q) {
			return true
		}
		q.stuck = d.expired(&t)
	}
	return false
}

// advance takes the oldest descriptor back if the hardware is done with it: DD
// in memory says so, never TDH (SDM 3.3.3.2).
func (d *Device) advance(q transmitter) bool {
	status := q.load(q.clean, 3)
	if status&txDD == 0 {
		return false
	}
	if status&(txEC|txLC) != 0 {
		d.stats.TxErrors++
	}
	q.clean = (q.clean + 1) & q.mask
	q.stuck = false
	return true
}

// Flush waits until the hardware is done with every frame it was given, frameWait
// (10 ms) at most for each, and for one only if the hardware does not get on. Errors:
// ErrStuck, ErrNotReady.
func (d *Device) Flush() error {
	if !d.ready() {
		return ErrNotReady
	}
	q := d.tx(d.active)
	d.doorbell(q)
	for n := uint32(0); q.clean != q.tail && n <= q.mask; n++ {
		if !d.reclaim(q) {
			return ErrStuck
		}
	}
	return nil
}
