package virtionet

import (
	"gasp/drivers/inuse"
	"gasp/drivers/virtio"
)

// start resets the device and brings it up on one set of rings, whatever it did
// before (3.1.1).
func (d *Device) start(s inuse.Rings) error {
	t := d.transport

	// 1. Reset; only then is ring memory the driver's alone (2.4.1), and what has
	// not been used will not be.
	err := d.reset()
	d.writeOff()
	if err != nil {
		return err
	}

	// 2. and 3. Acknowledge the device, and say that there is a driver.
	status := uint8(virtio.StatusAcknowledge)
	t.SetStatus(status)
	status |= virtio.StatusDriver
	t.SetStatus(status)

	// 4. to 6. Features.
	if err := d.negotiate(&status); err != nil {
		d.fail(status)
		return err
	}

	// 7. Queues. The receive queue gets its buffers at once.
	r := d.of(s)
	if d.msix && s == inuse.Normal { // the reserved rings are a crash's, which is not to be interrupted
		d.vector = t.SetVector(receiveQ, 0) == nil // or it is polled; before the queue is enabled (4.1.4.3.2)
	}
	if err := d.enable(r.rx); err != nil {
		d.fail(status)
		return err
	}
	if err := d.enable(r.tx); err != nil {
		d.fail(status)
		return err
	}
	for {
		slot, ok := r.rx.claim()
		if !ok {
			break
		}
		r.rx.post(slot, 0, slotRoom)
	}
	r.rx.publish()

	// 8. Live.
	status |= virtio.StatusDriverOK
	t.SetStatus(status)
	if t.Status() != status {
		d.fail(status)
		return ErrStart
	}
	d.broken, d.stalled = false, false
	d.active = s
	t.Notify(receiveQ)
	return nil
}

// reset writes 0 to status and waits for it to read 0 (2.4.2, 4.1.4.3.2).
func (d *Device) reset() error {
	d.transport.SetStatus(0)
	for w := d.wait(resetWait); d.transport.Status() != 0; {
		if d.over(&w) {
			return ErrReset
		}
	}
	return nil
}

// fail tells the device that the driver gave up on it (2.1).
func (d *Device) fail(status uint8) {
	d.transport.SetStatus(status | virtio.StatusFailed)
}

// negotiate accepts of what is offered whatever asks nothing of this driver (2.2).
// VIRTIO_F_ACCESS_PLATFORM only asks that addresses be bus addresses, which dma
// gives, and VIRTIO_F_ORDER_PLATFORM that stores be ordered as for hardware, which they are (ringmemory.go).
func (d *Device) negotiate(status *uint8) error {
	t := d.transport
	offered := t.Features()
	if t.Legacy() {
		d.features = offered & (featureMAC | featureStatus | virtio.FeatureAnyLayout)
		t.SetFeatures(d.features)
	} else {
		if offered&virtio.FeatureVersion1 == 0 {
			return ErrFeatures
		}
		d.features = offered & (featureMAC | featureStatus | virtio.FeatureVersion1 | virtio.FeatureAccessPlatform | virtio.FeatureOrderPlatform)
		t.SetFeatures(d.features)
		*status |= virtio.StatusFeaturesOK
		t.SetStatus(*status)
		if t.Status() != *status {
			return ErrFeatures
		}
	}
	d.hasStatus = d.features&featureStatus != 0
	return nil
}

// enable arms q in the size and layout that the device wants, and gives it to the
// device.
func (d *Device) enable(q queue) error {
	header, split := d.header()
	want := q.limit
	if split {
		want *= 2
	}
	size := d.transport.QueueSize(q.index, want)
	if size == 0 || size > q.most || size&(size-1) != 0 || split && size < 2 {
		return virtio.ErrQueue
	}
	q.arm(size, header, split)
	return d.transport.SetQueue(q.index, size, q.area())
}

// header is the size of the header before a frame, and whether it has its own
// descriptor, as it has without VIRTIO_F_ANY_LAYOUT (5.1.6.6).
func (d *Device) header() (size uint16, split bool) {
	if d.transport.Legacy() {
		return legacySize, d.features&virtio.FeatureAnyLayout == 0
	}
	return headerSize, false
}
