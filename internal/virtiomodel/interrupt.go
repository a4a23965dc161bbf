package virtiomodel

// noVector is VIRTIO_MSI_NO_VECTOR (4.1.4.3).
const noVector = 0xFFFF

// interrupt tells the driver of a used buffer, unless it wants none (2.7.7.1): by
// message if MSI-X is enabled and the queue has a vector (4.1.5.2), else by the pin.
func (d *Device) interrupt(q *queue) {
	ring := d.bus(q.avail, 4)
	if ring == nil {
		return
	}
	if flags, _ := loadWord(ring); flags&1 != 0 {
		return
	}
	if !d.msix() {
		d.isr |= 1
	} else if int(q.vector) < len(d.Messages) {
		d.Messages[q.vector]++
	}
}

// notice tells it of a change of the configuration. There is no vector for that here.
func (d *Device) notice() {
	if d.status&StatusDriverOK != 0 && !d.msix() {
		d.isr |= 2
	}
}

// Asserted tells whether the device asserts its interrupt pin.
func (d *Device) Asserted() bool { return d.isr != 0 }

// readISR clears it (4.1.4.5).
func (d *Device) readISR() uint32 {
	v := d.isr
	d.isr = 0
	return uint32(v)
}

func (d *Device) msix() bool { return d.pci != nil && d.pci.Config[CapMSIX+3]&0x80 != 0 }

// setVector refuses vectors that the device does not have (4.1.5.1.2.1).
func (d *Device) setVector(q *queue, v uint32) {
	if !d.msix() {
		d.violation("4.1.4.3: queue_msix_vector written with MSI-X disabled")
	}
	if q.enabled {
		d.violation("4.1.4.3.2: queue_msix_vector written with the queue enabled")
	}
	q.vector = uint16(v)
	if v >= uint32(len(d.Messages)) || d.Faults.RefuseVector {
		q.vector = noVector
	}
}
