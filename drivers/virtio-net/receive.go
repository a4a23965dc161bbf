package virtionet

// Receive copies a received frame to buf and returns its length in bytes, 0 if
// none waits. A frame that is longer than buf is dropped: ErrFrameSize.
func (d *Device) Receive(buf []byte) (int, error) {
	if d.broken || !d.active.Ready() {
		return 0, ErrBroken
	}
	q := d.rings().rx
	for range q.slots {
		slot, written, found, err := q.complete()
		if !found && err == nil {
			return 0, nil
		}
		if err != nil || written < int(q.header) {
			d.stats.UsedRingErrors++
			d.broken = true
			return 0, ErrBroken
		}
		n := written - int(q.header)
		fits := n >= minFrame && n <= len(buf)
		if fits {
			copy(buf, q.frame(slot)[:n])
		}
		q.post(slot, 0, slotRoom)
		if q.publish() {
			d.transport.Notify(receiveQ)
		}
		if fits {
			d.stats.Received++
			return n, nil
		}
		d.stats.ReceiveDropped++
		if n > len(buf) {
			return 0, ErrFrameSize
		}
	}
	return 0, nil
}
