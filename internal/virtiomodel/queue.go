package virtiomodel

// queue is the device's side of a split virtqueue (2.7).
type queue struct {
	max, size         uint16
	enabled           bool
	desc, avail, used uint64 // bus addresses
	nextAvail         uint16
	nextUsed          uint16
	vector            uint16 // of MSI-X
}

// segment is one descriptor of a chain.
type segment struct {
	mem   []byte
	write bool
}

// queue is the one that the driver selected.
func (d *Device) queue() *queue {
	if int(d.selected) >= len(d.queues) || d.queues[d.selected].max == 0 {
		return nil
	}
	return &d.queues[d.selected]
}

func (d *Device) setSize(v uint32) bool {
	q := d.queue()
	if q == nil {
		return false
	}
	if v == 0 || v > uint32(q.max) || v&(v-1) != 0 {
		d.violation("2.7: queue size %d of at most %d", v, q.max)
		return true
	}
	q.size = uint16(v)
	return true
}

// enable is queue_enable (4.1.4.3) or QueueReady (4.2.2).
func (d *Device) enable(q *queue, v uint32) {
	switch {
	case v != 1:
		d.violation("4.1.4.3.2: queue_enable = %d", v)
	case q.enabled:
		d.violation("4.1.4.3.2: queue enabled twice")
	case d.status&StatusFeaturesOK == 0 || d.status&StatusDriverOK != 0:
		d.violation("3.1.1: queue enabled at status %#x", d.status)
	case q.desc%16 != 0 || q.avail%2 != 0 || q.used%4 != 0:
		d.violation("2.7: misaligned queue: %#x, %#x, %#x", q.desc, q.avail, q.used)
	}
	q.enabled = true
}

// enableLegacy is a write of the page number, which lays the queue out (2.7.2).
func (d *Device) enableLegacy(q *queue, address, align uint64) {
	if q.desc != 0 {
		d.violation("queue enabled twice")
	}
	if d.status&StatusDriverOK != 0 {
		d.violation("3.1.1: queue enabled at status %#x", d.status)
	}
	q.enabled = address != 0
	q.desc = address
	q.avail = address + 16*uint64(q.size)
	q.used = (q.avail + 4 + 2*uint64(q.size) + 2 + align - 1) / align * align
}

// bus is n bytes at a bus address, nil and a violation outside the memory.
func (d *Device) bus(address, n uint64) []byte {
	off := address - d.Memory.Phys
	if size := uint64(len(d.Memory.Bytes)); off > size || n > size-off {
		d.violation("device told to reach %d bytes at %#x", n, address)
		return nil
	}
	return d.Memory.Bytes[off : off+n]
}

// chain follows the descriptors from head (2.7.5).
func (d *Device) chain(q *queue, head uint16) []segment {
	n := 0
	for i := head; ; {
		if i >= q.size || n == len(d.segments) {
			return nil
		}
		e := d.bus(q.desc+16*uint64(i), 16)
		if e == nil {
			return nil
		}
		address := uint64(get32(e)) | uint64(get32(e[4:]))<<32
		flags := get16(e[12:])
		mem := d.bus(address, uint64(get32(e[8:])))
		if len(mem) == 0 {
			return nil
		}
		d.segments[n] = segment{mem: mem, write: flags&2 != 0}
		n++
		if flags&1 == 0 {
			return d.segments[:n]
		}
		i = get16(e[14:])
	}
}

// take is the next available head, if there is one. An index that jumped further
// than the queue is long breaks the device, as it does in QEMU.
func (d *Device) take(q *queue) (head uint16, ok bool) {
	ring := d.bus(q.avail, 4+2*uint64(q.size))
	if ring == nil {
		d.fail()
		return 0, false
	}
	_, idx := loadWord(ring)
	if idx-q.nextAvail > q.size {
		d.fail()
		return 0, false
	}
	if idx == q.nextAvail {
		return 0, false
	}
	head = get16(ring[4+2*int(q.nextAvail%q.size):])
	q.nextAvail++
	return head, true
}

// use puts a chain into the used ring (2.7.8).
func (d *Device) use(n int, id, length uint32) {
	q := &d.queues[n]
	if d.Faults.NeverCompletes {
		return
	}
	ring := d.bus(q.used, 4+8*uint64(q.size))
	if ring == nil {
		d.fail()
		return
	}
	at := q.nextUsed
	q.nextUsed++
	idx := q.nextUsed
	if d.Faults.Lie != nil {
		id, length, idx = d.lie(n, id, length, idx)
	}
	e := ring[4+8*int(at%q.size):]
	put32(e, id)
	put32(e[4:], length)
	d.storeUsed(ring, idx)
	d.interrupt(q)
}

// lie is apart from use so that what it points to is allocated only here.
func (d *Device) lie(n int, id, length uint32, idx uint16) (uint32, uint32, uint16) {
	d.Faults.Lie(n, &id, &length, &idx)
	return id, length, idx
}

func (d *Device) storeUsed(ring []byte, idx uint16) {
	flags := uint16(0)
	if d.Faults.Unprompted {
		flags = 1
	}
	storeWord(ring, flags, idx)
}
