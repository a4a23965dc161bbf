package virtionet

import "gasp/drivers/virtio"

// Transmit copies a frame (14 to 1514 bytes, no FCS; padded to 60) and gives it
// to the device. On an error the frame was not taken: ErrFrameSize, ErrBroken, or
// ErrRingFull after up to ringFullWait (100 ms); a ring that stayed full so long is not waited
// for again until it moves.
func (d *Device) Transmit(frame []byte) error {
	if err := d.enqueue(frame); err != nil {
		d.stats.TransmitRefused++
		return err
	}
	d.doorbell()
	return nil
}

// TransmitBatch is Transmit for several frames with one notification for all. It
// returns how many frames were taken, from the first on, and why the next was not.
func (d *Device) TransmitBatch(frames [][]byte) (int, error) {
	for i, frame := range frames {
		if err := d.enqueue(frame); err != nil {
			if i > 0 {
				d.doorbell()
			}
			d.stats.TransmitRefused++
			return i, err
		}
	}
	if len(frames) > 0 {
		d.doorbell()
	}
	return len(frames), nil
}

// Flush waits until the device is done with every frame, up to flushWait
// (2 s); then, or at once if the ring stayed full before and has not moved, ErrTimeout.
func (d *Device) Flush() error {
	if d.broken || !d.ready() {
		return ErrBroken
	}
	q := d.rings().tx
	if !d.await(q, q.slots, flushWait) {
		if d.broken {
			return ErrBroken
		}
		return ErrTimeout
	}
	return nil
}

// enqueue copies a frame to a free slot and posts it, unpublished.
func (d *Device) enqueue(frame []byte) error {
	if d.broken || !d.ready() {
		return ErrBroken
	}
	if len(frame) < minFrame || len(frame) > maxFrame {
		return ErrFrameSize
	}
	q := d.rings().tx
	d.reap(q)
	if q.free() == 0 {
		// A batch may fill the ring by itself: show the device what there is.
		q.publish()
		d.await(q, 1, ringFullWait)
	}
	if d.broken {
		return ErrBroken
	}
	slot, ok := q.claim()
	if !ok {
		if q.free() == 0 {
			return ErrRingFull
		}
		d.broken = true
		return ErrBroken
	}
	room := q.frame(slot)
	n := copy(room, frame)
	if n < paddedFrame {
		clear(room[n:paddedFrame])
		n = paddedFrame
	}
	q.post(slot, n)
	d.stats.Transmitted++
	return nil
}

// doorbell publishes what was posted and notifies the device if it wants that.
func (d *Device) doorbell() {
	if d.rings().tx.publish() {
		d.transport.Notify(transmitQ)
	}
}

// reap frees the slots that the device is done with.
func (d *Device) reap(q queue) {
	for {
		_, _, found, err := q.complete()
		if err != nil {
			d.stats.UsedRingErrors++
			d.broken = true
			return
		}
		if !found {
			return
		}
		d.stalled = false
	}
}

// await notifies the device and waits until at least want slots of q are free.
func (d *Device) await(q queue, want uint16, limit int64) bool {
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
	for w := d.wait(limit); !d.over(&w); {
		d.reap(q)
		if q.free() >= want || d.broken {
			return !d.broken
		}
	}
	d.stalled = true
	// A device that is gone reads as all ones, and so as asking for a reset too.
	if d.transport.Status()&virtio.StatusNeedsReset != 0 {
		d.broken = true
	}
	return false
}
