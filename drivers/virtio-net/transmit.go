package virtionet

import (
	"unsafe"

	"gasp/drivers/inuse"
	"gasp/drivers/virtio"
)

// RoomSize is the size of what Room gives, in bytes, and RoomBefore how far from its beginning a frame may begin
// there.
const (
	RoomSize   = slotRoom
	RoomBefore = slotRoom - maxFrame
)

// looksPerTime is how often a wait looks at the ring before it looks at the clock.
const looksPerTime = 16

// waitShare is the share of the slots that is waited for when all are in use, so that not every frame waits.
const waitShare = 4

// Room is memory that the device reads, RoomSize bytes, for the frame to be given next: Commit gives
// what stands there. It is the caller's until the next Commit or Transmit, and asking for it changes nothing. If
// the ring is full it gives nothing, or, asked to, it waits, as Transmit does. Errors: ErrRingFull, after it waited in
// vain, ErrBroken.
func (d *Device) Room(wait bool) ([]byte, error) {
	if !d.broken && d.active == inuse.Normal {
		q := d.of(inuse.Normal).tx
		if slot := q.turn; slot < q.slots && slot < q.limit && !q.isBusy(slot) {
			return q.roomOf(slot), nil
		}
	}
	return d.await(wait)
}

// await is Room with no slot in turn that is free, or a device that is not ready. Slots are taken back then: all at
// once.
func (d *Device) await(wait bool) ([]byte, error) {
	if d.broken || !d.active.Ready() {
		d.stats.TransmitRefused++
		return nil, ErrBroken
	}
	q := d.rings().tx
	d.reap(q)
	if q.free() == 0 && !d.broken {
		if !wait {
			return nil, nil
		}
		// A batch may fill the ring by itself: show the device what there is.
		q.publish()
		d.awaitFree(q, max(q.slots/waitShare, 1), ringFullWait)
	}
	slot, ok := q.claim()
	if ok && !d.broken {
		return q.frame(slot), nil
	}
	d.stats.TransmitRefused++
	if !d.broken && q.free() == 0 {
		return nil, ErrRingFull
	}
	d.broken = true
	return nil, ErrBroken
}

// Commit makes n bytes of Room's memory, from offset at on, a frame without FCS, 14 to 1514 bytes, padded to 60.
// The device sees it at once, with tell, or with the next Doorbell or Transmit. Errors, with which there is no frame:
// ErrFrameSize, also for one that begins behind RoomBefore, ErrRingFull, ErrBroken.
func (d *Device) Commit(at, n int, tell bool) error {
	if uint(n-paddedFrame) > maxFrame-paddedFrame || uint(at) > RoomBefore || d.broken || d.active != inuse.Normal {
		return d.commit(at, n, tell)
	}
	q := d.of(inuse.Normal).tx
	slot := q.turn
	if slot >= q.slots || slot >= q.limit || q.split || q.isBusy(slot) {
		return d.commit(at, n, tell)
	}
	// As post and publish do it.
	place := uint64(slot)*slotSize + uint64(at)
	*(*[slotFrame]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(q.buffers.Bytes)), place)) = [slotFrame]byte{}
	ring := q.ring.Bytes
	describe := (*[2]uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(ring)), uintptr(slot)*descriptorSize))
	describe[0] = q.buffers.Phys + place + slotFrame - uint64(q.header)
	describe[1] = uint64(n) + uint64(q.header)
	next := q.next
	put16(ring, q.avail+ringEntries+2*int(next&(q.size-1)), slot)
	q.busy[slot/64%uint16(len(q.busy))] |= 1 << (slot % 64)
	if q.turn = slot + 1; q.turn >= q.slots {
		q.turn = 0
	}
	q.inFlight++
	next++
	q.next = next
	d.stats.Transmitted++
	if tell {
		storeIdx(ring, q.avail, next)
		if flags, _ := loadFlagsIdx(ring, q.used); flags&usedNoNotify == 0 {
			d.transport.Notify(transmitQ)
		}
	}
	return nil
}

// commit is Commit for what is not the usual.
func (d *Device) commit(at, n int, tell bool) error {
	if uint(n-minFrame) > maxFrame-minFrame || uint(at) > RoomBefore {
		d.stats.TransmitRefused++
		return ErrFrameSize
	}
	if d.broken || !d.active.Ready() {
		d.stats.TransmitRefused++
		return ErrBroken
	}
	q := d.rings().tx
	slot, ok := q.claim()
	if !ok {
		d.stats.TransmitRefused++
		return ErrRingFull
	}
	if n < paddedFrame {
		clear(q.frame(slot)[at+n : at+paddedFrame])
		n = paddedFrame
	}
	q.post(slot, at, n)
	d.stats.Transmitted++
	if tell {
		d.Doorbell()
	}
	return nil
}

// Doorbell shows the device all frames that were committed, and notifies it once if it wants that.
func (d *Device) Doorbell() {
	if d.rings().tx.publish() {
		d.transport.Notify(transmitQ)
	}
}

// Transmit copies a frame (14 to 1514 bytes, no FCS; padded to 60) and gives it
// to the device. On an error the frame was not taken: ErrFrameSize, ErrBroken, or
// ErrRingFull after up to ringFullWait (100 ms); a ring that stayed full so long is not waited
// for again until it moves.
func (d *Device) Transmit(frame []byte) error {
	if uint(len(frame)-minFrame) > maxFrame-minFrame {
		d.stats.TransmitRefused++
		return ErrFrameSize
	}
	room, err := d.Room(true)
	if err != nil {
		return err
	}
	return d.Commit(0, copy(room, frame), true)
}

// Flush waits until the device is done with every frame, up to flushWait
// (2 s); then, or at once if the ring stayed full before and has not moved, ErrTimeout.
func (d *Device) Flush() error {
	if d.broken || !d.active.Ready() {
		return ErrBroken
	}
	q := d.rings().tx
	if !d.awaitFree(q, q.slots, flushWait) {
		if d.broken {
			return ErrBroken
		}
		return ErrTimeout
	}
	return nil
}

// reap frees the slots that the device is done with.
func (d *Device) reap(q queue) {
	found, err := q.completeAll()
	if err != nil {
		d.stats.UsedRingErrors++
		d.broken = true
	}
	if found {
		d.stalled = false
	}
}

// awaitFree notifies the device and waits until at least want slots of q are free.
func (d *Device) awaitFree(q queue, want uint16, limit int64) bool {
	d.reap(q)
	if q.free() >= want || d.broken {
		return !d.broken
	}
	d.transport.Notify(q.index)
	if d.stalled {
		d.reap(q)
		if d.stalled {
			return false
		}
	}
	for w, n := d.wait(limit), uint16(0); n%looksPerTime != 0 || !d.over(&w); n++ {
		if q.done() < want-q.free() && n%looksPerTime != 0 {
			d.relax()
			continue
		}
		d.reap(q)
		if q.free() >= want || d.broken {
			return !d.broken
		}
	}
	if q.free() == 0 || want == q.slots {
		d.stalled = true
	}
	// A device that is gone reads as all ones, and so as asking for a reset too.
	if d.transport.Status()&virtio.StatusNeedsReset != 0 {
		d.broken = true
	}
	return false
}
