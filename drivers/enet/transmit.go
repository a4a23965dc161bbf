package enet

import "gasp/drivers/dma"

// transmitter is a transmit ring. Descriptors from clean to rung are with the
// hardware, those from rung to tail written and not yet told of, the rest free.
// One stays free, because in an empty ring clean and tail are equal.
type transmitter struct {
	*ring
	*txState
}

type txState struct {
	tail    uint32 // next to be written
	rung    uint32 // where the hardware stops
	witness uint32 // of both, or else somebody overwrote them
	clean   uint32 // oldest not seen done
	skew    uint32 // where in its buffer Room begins, 0 to 15
	stuck   bool   // the last wait for it was in vain
}

// witnessOf is a copy of two indices, which another value than theirs belies.
func witnessOf(a, b uint32) uint32 { return ^(a<<16 ^ b) }

// move notes both indices.
func (t transmitter) move(tail, rung uint32) {
	t.tail, t.rung, t.witness = tail, rung, witnessOf(tail, rung)
}

// Descriptors that are done are taken back by the dozen: as soon as so many are in use, up to so many.
const (
	sweepFrom = 16
	sweepMost = 32
)

// frameAlign is what the address of a frame to be sent has to be a multiple of, in bytes
// (Linux, fec_main.c: tx_align on ARM).
const frameAlign = 16

// RoomSize is the size of what Room gives, in bytes, and RoomBefore how far from its beginning a frame may begin
// there.
const (
	RoomSize   = bufferSize - frameAlign
	RoomBefore = RoomSize - MaxFrame
)

// Room is memory that the device reads, RoomSize bytes, for the frame to be given next: Commit gives
// what stands there. It is the caller's until the next Commit or Transmit, and asking for it changes nothing. If
// the ring is full it gives nothing, or, asked to, it waits, as Transmit does. Errors: ErrRingFull, after it waited in
// vain, ErrNotReady.
//
// It begins so that a frame is aligned that begins where the one before did. One that
// begins elsewhere Commit has to move.
func (d *Device) Room(wait bool) ([]byte, error) {
	if !d.active.Ready() {
		d.stats.TxRefused++
		return nil, ErrNotReady
	}
	q := d.tx(d.active)
	switch {
	case (q.tail-q.clean)&q.mask < sweepFrom || q.sweep():
	case !wait:
		return nil, nil
	case !d.reclaim(q):
		d.stats.TxRefused++
		return nil, ErrRingFull
	}
	return q.room(), nil
}

// room is the buffer of the descriptor at the tail, from the skew on.
func (t transmitter) room() []byte {
	begin := t.skew % frameAlign
	return t.buffer(t.tail)[begin:][:RoomSize:RoomSize]
}

// Commit makes n bytes of Room's memory, from offset at on, a frame without FCS, 1 to MaxFrame bytes, padded to
// 60. The hardware is told at once, with tell, or with the next Doorbell or Transmit. Errors, with which there is no
// frame: ErrFrameSize, also for one that begins behind RoomBefore, ErrRingFull, ErrNotReady.
func (d *Device) Commit(at, n int, tell bool) error {
	q := d.tx(d.active)
	tail := q.tail & q.mask
	next := (tail + 1) & q.mask
	if uint(n-1) >= MaxFrame || uint(at) > RoomBefore || !d.active.Ready() || next == q.clean {
		return d.refuse(at, n)
	}
	d.stats.TxFrames++
	d.stats.TxBytes += uint64(n)
	begin := q.skew%frameAlign + uint32(at)
	if begin%frameAlign != 0 {
		q.align(begin, n)
		begin &^= frameAlign - 1
	}
	if n < minFrame {
		clear(q.buffer(tail)[begin+uint32(n) : begin+minFrame])
		n = minFrame
	}
	status := uint32(txCommand | n)
	if q.tail == q.rung {
		status |= txTO1 // the hardware stops before it, until it is told
	} else {
		status |= txR
	}
	dma.Publish()
	q.put(tail, q.bus(tail)+begin, status)
	q.move(next, q.rung)
	if tell {
		d.doorbell(q)
	}
	return nil
}

// align moves a frame down to where it may begin, and lets the next ones begin there by themselves.
func (t transmitter) align(begin uint32, n int) {
	b := t.buffer(t.tail)
	copy(b[begin&^(frameAlign-1):], b[begin:][:n])
	at := begin - t.skew%frameAlign
	t.skew = -at % frameAlign
}

// refuse says why Commit did.
func (d *Device) refuse(at, n int) error {
	d.stats.TxRefused++
	switch {
	case uint(n-1) >= MaxFrame || uint(at) > RoomBefore:
		return ErrFrameSize
	case !d.active.Ready():
		return ErrNotReady
	}
	return ErrRingFull
}

// Doorbell tells the hardware of all frames that were committed since it was told last, with one store and one write of
// TDAR.
func (d *Device) Doorbell() {
	if d.active.Ready() {
		d.doorbell(d.tx(d.active))
	}
}

// Transmit copies one Ethernet frame without FCS, 1 to MaxFrame bytes, padded to
// 60, and gives it to the hardware. It waits only if the ring is full, frameWait
// (10 ms) at most, and not again before the device has completed something. Errors,
// with which the frame was not taken: ErrFrameSize, ErrRingFull, ErrNotReady.
//
// Without a link the MAC sends into a PHY that drops the frame: it is no error here.
func (d *Device) Transmit(frame []byte) error {
	if uint(len(frame)-1) >= MaxFrame {
		d.stats.TxRefused++
		return ErrFrameSize
	}
	room, err := d.Room(true)
	if err != nil {
		return err
	}
	// Aligned, whatever the skew is.
	at := int(-d.tx(d.active).skew % frameAlign)
	return d.Commit(at, copy(room[at:], frame), true)
}

// doorbell tells the hardware of every descriptor up to the tail: the first gets its R,
// and is no more TO1, which TakeOver tells it by.
func (d *Device) doorbell(q transmitter) {
	if q.rung == q.tail {
		return
	}
	dma.Publish() // the batch, before its first R
	q.store(q.rung, wordStatus, q.load(q.rung, wordStatus)&^txTO1|txR)
	d.kick()
	q.move(q.tail, q.tail)
}

// kickLooks is how often TDAR is looked at before it is left alone.
const kickLooks = 4

// kick makes the hardware look for descriptors. A write of TDAR in the moment in which
// the hardware clears it would stop it for good (ERR007885), so it is written only where it
// reads 0. If it stays set, the hardware looks on by itself: what it has to find is in
// memory, and the moment is over.
func (d *Device) kick() {
	dma.Publish()
	for range kickLooks {
		if d.regs.Read32(regTDAR)&active == 0 {
			d.regs.Write32(regTDAR, active)
			return
		}
	}
}

// nudge makes the hardware look again if it stopped before what it was told of, as it may
// if it was told in the moment in which it went to sleep (ERR006358 of other i.MX6).
func (d *Device) nudge(q transmitter) {
	if d.regs.Read32(regTDAR)&active == 0 && q.load(q.clean, wordStatus)&txR != 0 {
		d.kick()
	}
}

// reclaim waits for the oldest descriptor. A device that let one wait pass is
// not waited for again until it completes something.
func (d *Device) reclaim(q transmitter) bool {
	if q.advance() {
		return true
	}
	d.doorbell(q)
	for t := d.clock.Timer(frameWait); !q.stuck; {
		if q.advance() {
			return true
		}
		d.nudge(q)
		q.stuck = d.clock.Expired(&t)
	}
	return false
}

// sweep takes back what is done of the oldest descriptors, and tells whether there is one that is free.
func (q transmitter) sweep() bool {
	for n := 0; n < sweepMost && q.clean != q.rung && q.advance(); n++ {
	}
	return (q.tail+1)&q.mask != q.clean
}

// advance takes the oldest descriptor back if the hardware has read it.
func (q transmitter) advance() bool {
	if q.clean == q.rung || q.load(q.clean, wordStatus)&txR != 0 {
		return false
	}
	q.clean = (q.clean + 1) & q.mask
	q.stuck = false
	return true
}

// Flush waits until the hardware is done with every frame it was given, frameWait
// (10 ms) at most for each, and for one only if the hardware does not get on. R tells that
// a frame was read; fifoDelay (1 ms) more, and it has left. Errors: ErrStuck, ErrNotReady.
func (d *Device) Flush() error {
	if !d.active.Ready() {
		return ErrNotReady
	}
	q := d.tx(d.active)
	d.doorbell(q)
	for n := uint32(0); q.clean != q.tail && n <= q.mask; n++ {
		if !d.reclaim(q) {
			return ErrStuck
		}
	}
	d.clock.Delay(fifoDelay)
	d.countErrors()
	return nil
}
