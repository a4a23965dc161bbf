package e1000

import "gasp/drivers/inuse"

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

// Descriptors that are done are taken back by the dozen: as soon as so many are in use, up to so many.
const (
	sweepFrom = 16
	sweepMost = 32
)

// RoomSize is the size of what Room gives, in bytes, and RoomBefore how far from its beginning a frame may begin
// there.
const (
	RoomSize   = bufferSize
	RoomBefore = bufferSize - MaxFrame
)

// Room is memory that the device reads, RoomSize bytes, for the frame to be given next: Commit gives
// what stands there. It is the caller's until the next Commit or Transmit, and asking for it changes nothing. If
// the ring is full it gives nothing, or, asked to, it waits, as Transmit does. Errors: ErrRingFull, after it waited in
// vain, ErrNotReady.
func (d *Device) Room(wait bool) ([]byte, error) {
	if d.active == inuse.Normal {
		if q := d.tx(inuse.Normal); (q.tail-q.clean)&q.mask < sweepFrom || q.sweep(&d.stats) {
			return q.room(), nil
		}
	}
	return d.await(wait)
}

// await is Room with a full ring, or a device that is not ready.
func (d *Device) await(wait bool) ([]byte, error) {
	if !d.active.Ready() {
		d.stats.TxRefused++
		return nil, ErrNotReady
	}
	q := d.tx(d.active)
	switch {
	case q.sweep(&d.stats):
	case !wait:
		return nil, nil
	case !d.reclaim(q):
		d.stats.TxRefused++
		return nil, ErrRingFull
	}
	return q.room(), nil
}

// Commit makes n bytes of Room's memory, from offset at on, a frame without FCS, 1 to MaxFrame bytes, padded to
// 60. The hardware is told at once, with tell, or with the next Doorbell or Transmit. Errors, with which there is no
// frame: ErrFrameSize, also for one that begins behind RoomBefore, ErrRingFull, ErrNotReady.
func (d *Device) Commit(at, n int, tell bool) error {
	if uint(n-minFrame) > MaxFrame-minFrame || uint(at) >= d.plain || d.active != inuse.Normal {
		return d.commit(at, n, tell)
	}
	q := d.tx(inuse.Normal)
	tail := q.tail & q.mask
	next := (tail + 1) & q.mask
	if next == q.clean {
		return d.commit(at, n, tell)
	}
	d.stats.TxFrames++
	d.stats.TxBytes += uint64(n)
	q.give(tail, uint32(at), uint32(n))
	q.tail = next
	if tell {
		d.regs.Write32(regTDT, next)
		q.rung = next
	}
	return nil
}

// commit is Commit for what is not the usual.
func (d *Device) commit(at, n int, tell bool) error {
	q := d.tx(d.active)
	tail := q.tail & q.mask
	next := (tail + 1) & q.mask
	if uint(n-1) >= MaxFrame || uint(at) > RoomBefore || !d.active.Ready() || next == q.clean {
		return d.refuse(at, n)
	}
	d.stats.TxFrames++
	d.stats.TxBytes += uint64(n)
	if n < minFrame {
		clear(q.room()[at+n : at+minFrame])
		n = minFrame
	}
	if d.family.ends {
		at = shift(q.room(), at, n)
	}
	q.give(tail, uint32(at), uint32(n))
	q.tail = next
	if tell {
		d.doorbell(q)
	}
	return nil
}

// shift moves a frame by 4 bytes if it ends where 82544 may hang (Linux, e1000_tx_map: evenly aligned double words).
// Buffers begin at multiples of 8, so that it ends in the same 8 bytes, and in its buffer.
func shift(room []byte, at, n int) int {
	if (at+n-1)&4 == 0 {
		copy(room[at+4:], room[at:at+n])
		at += 4
	}
	return at
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

// Doorbell tells the hardware of all frames that were committed since it was told last, in one write of TDT.
func (d *Device) Doorbell() { d.doorbell(d.tx(d.active)) }

// Transmit copies one Ethernet frame without FCS, 1 to MaxFrame bytes, padded to
// 60, and gives it to the hardware. It waits only if the ring is full, frameWait
// (10 ms) at most, and not again before the device has completed something. Errors,
// with which the frame was not taken: ErrFrameSize, ErrRingFull, ErrNotReady.
//
// Without a link a controller keeps what it is given, and sends it when the link is
// back; QEMU's drop it and report it as done. Neither is an error here.
func (d *Device) Transmit(frame []byte) error {
	if uint(len(frame)-1) >= MaxFrame {
		d.stats.TxRefused++
		return ErrFrameSize
	}
	room, err := d.Room(true)
	if err != nil {
		return err
	}
	return d.Commit(0, copy(room, frame), true)
}

// doorbell tells the hardware of every descriptor up to the tail. A TakeOver in
// between finds TDT at rung or at tail, and so knows which were told.
func (d *Device) doorbell(q transmitter) {
	if q.rung != q.tail && d.active.Ready() {
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
	for t := d.clock.Timer(frameWait); !q.stuck; {
		if d.advance(q) {
			return true
		}
		q.stuck = d.clock.Expired(&t)
	}
	return false
}

// sweep takes back what is done of the oldest descriptors, and tells whether there is one that is free.
func (q transmitter) sweep(stats *Stats) bool {
	clean, rung := q.clean, q.rung
	for n := 0; n < sweepMost && clean != rung; n++ {
		status := q.load(clean, 3)
		if status&txDD == 0 {
			break
		}
		if status&(txEC|txLC) != 0 {
			stats.TxErrors++
		}
		clean = (clean + 1) & q.mask
		q.stuck = false
	}
	q.clean = clean
	return (q.tail+1)&q.mask != clean
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
	return nil
}
