package virtiomodel

// header is the size of struct virtio_net_hdr (5.1.6).
func (d *Device) header() int {
	if d.Legacy {
		return 10
	}
	return 12
}

func (d *Device) running() bool {
	return d.status&StatusDriverOK != 0 && !d.broken && !d.Faults.Stopped && !d.Faults.Dead
}

// notify is the driver's notification of queue n. The device looks at its transmit
// queue then, unless it does so unprompted.
func (d *Device) notify(n uint32) {
	if int(n) >= len(d.queues) {
		d.violation("notified of queue %d", n)
		return
	}
	if d.status&StatusDriverOK == 0 {
		d.violation("3.1.1: queue %d notified before DRIVER_OK", n)
		return
	}
	d.Notified[n]++
	if n == TransmitQ && !d.Faults.Unprompted {
		d.transmit()
	}
}

// Run lets the device look at its rings, as one does that is not notified.
func (d *Device) Run() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.transmit()
}

// transmit sends all that is available.
func (d *Device) transmit() {
	q := &d.queues[TransmitQ]
	if !d.running() || !q.enabled {
		return
	}
	if ring := d.bus(q.used, 4); ring != nil && d.Faults.Unprompted {
		_, idx := loadWord(ring)
		d.storeUsed(ring, idx)
	}
	d.heads = d.heads[:0]
	for {
		head, ok := d.take(q)
		if !ok {
			break
		}
		segments := d.chain(q, head)
		if segments == nil {
			d.fail()
			return
		}
		d.send(segments)
		d.heads = append(d.heads, uint32(head))
	}
	for i := range d.heads {
		if d.Faults.Backwards {
			i = len(d.heads) - 1 - i
		}
		d.use(TransmitQ, d.heads[i], 0)
	}
}

// send takes the frame out of a chain.
func (d *Device) send(segments []segment) {
	d.checkHeader(segments, false)
	d.Count++
	if d.Discard {
		return
	}
	var frame []byte
	for i, s := range segments {
		mem := s.mem
		if i == 0 {
			mem = mem[min(d.header(), len(mem)):]
		}
		frame = append(frame, mem...)
	}
	d.Sent = append(d.Sent, frame)
}

// checkHeader notes what is wrong with a chain's header and direction.
func (d *Device) checkHeader(segments []segment, write bool) {
	first := segments[0].mem
	if len(first) < d.header() {
		d.violation("5.1.6: header descriptor of %d bytes", len(first))
		return
	}
	if d.Legacy && d.accepted&FeatureAnyLayout == 0 && (len(first) != d.header() || len(segments) < 2) {
		d.violation("5.1.6.6: header not in a descriptor of its own, without ANY_LAYOUT")
	}
	for _, s := range segments {
		if s.write != write {
			d.violation("2.7.5: descriptor of the wrong direction")
		}
	}
	if !write {
		for _, b := range first[:d.header()] {
			if b != 0 {
				d.violation("5.1.6.2: header %x asks for what was not negotiated", first[:d.header()])
				return
			}
		}
	}
}

// Inject lets a frame arrive from the network. It is false if the device had no
// buffer for it, or does not run.
func (d *Device) Inject(frame []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := &d.queues[ReceiveQ]
	if !d.running() || !q.enabled || d.linkDown {
		return false
	}
	head, ok := d.take(q)
	if !ok {
		return false
	}
	segments := d.chain(q, head)
	if segments == nil {
		d.fail()
		return false
	}
	d.checkHeader(segments, true)
	var header [12]byte
	header[10] = 1 // num_buffers
	rest, written := header[:d.header()], 0
	for i, body := 0, false; i < len(segments); {
		n := copy(segments[i].mem, rest)
		segments[i].mem = segments[i].mem[n:]
		rest = rest[n:]
		written += n
		switch {
		case len(rest) == 0 && body:
			i = len(segments)
		case len(rest) == 0:
			rest, body = frame, true
		default:
			i++
		}
	}
	d.use(ReceiveQ, uint32(head), uint32(written))
	return true
}
