package virtiomodel

import "gasp/drivers/reg"

// MMIO is the device's virtio-mmio registers, of version 2 or, with
// Options.Legacy, version 1.
func (d *Device) MMIO() reg.Space {
	if d.Legacy {
		return &window{d, "legacy MMIO", legacyMMIO{mmio{d}}}
	}
	return &window{d, "MMIO", modernMMIO{mmio{d}}}
}

// EmptyMMIO is a slot without a device (4.2.2: device id 0).
func EmptyMMIO() reg.Space {
	return &window{&Device{}, "empty MMIO", emptyMMIO{}}
}

type emptyMMIO struct{}

func (emptyMMIO) read(off, n uint32) (uint32, bool) {
	switch off {
	case 0x000:
		return 0x74726976, n == 4
	case 0x004:
		return 1, n == 4
	}
	return 0, n == 4
}

func (emptyMMIO) write(_, _, _ uint32) bool { return false }

// mmio is the registers that both versions have.
type mmio struct{ *Device }

func (m mmio) read(off, n uint32) (uint32, bool) {
	if off >= 0x100 {
		return m.readConfig(off-0x100, n)
	}
	if n != 4 {
		return 0, false
	}
	switch off {
	case 0x000: // MagicValue
		return 0x74726976, true
	case 0x008: // DeviceID
		return 1, true
	case 0x00c: // VendorID
		return 0x554D4551, true
	case 0x010: // DeviceFeatures
		return m.offered(), true
	case 0x034: // QueueNumMax
		if q := m.queue(); q != nil {
			return uint32(q.max), true
		}
		return 0, true
	case 0x060: // InterruptStatus
		return uint32(m.isr), true
	case 0x070: // Status
		return uint32(m.status), true
	}
	return 0, false
}

func (m mmio) write(off, n, v uint32) bool {
	if n != 4 {
		return false
	}
	switch off {
	case 0x014: // DeviceFeaturesSel
		m.offerWord = v
	case 0x020: // DriverFeatures
		m.accept(v)
	case 0x024: // DriverFeaturesSel
		m.acceptWord = v
	case 0x030: // QueueSel
		m.selected = v
	case 0x038: // QueueNum
		return m.setSize(v)
	case 0x050: // QueueNotify
		m.notify(v)
	case 0x064: // InterruptACK
		if v&^uint32(m.isr) != 0 {
			m.violation("4.2.2.2: InterruptACK of %#x with %#x pending", v, m.isr)
		}
		m.isr &^= uint8(v)
	case 0x070: // Status
		m.setStatus(uint8(v))
	default:
		return false
	}
	return true
}

type modernMMIO struct{ mmio }

func (m modernMMIO) read(off, n uint32) (uint32, bool) {
	switch {
	case off == 0x004 && n == 4: // Version
		return 2, true
	case off == 0x044 && n == 4: // QueueReady
		if q := m.queue(); q != nil && q.enabled {
			return 1, true
		}
		return 0, true
	case off == 0x0fc && n == 4: // ConfigGeneration
		return uint32(m.generation), true
	}
	return m.mmio.read(off, n)
}

func (m modernMMIO) write(off, n, v uint32) bool {
	q := m.queue()
	if n != 4 || q == nil {
		return m.mmio.write(off, n, v)
	}
	switch off {
	case 0x044: // QueueReady
		m.enable(q, v)
	case 0x080, 0x084: // QueueDescLow, High
		setHalf(&q.desc, off&4, v)
	case 0x090, 0x094: // QueueDriverLow, High
		setHalf(&q.avail, off&4, v)
	case 0x0a0, 0x0a4: // QueueDeviceLow, High
		setHalf(&q.used, off&4, v)
	default:
		return m.mmio.write(off, n, v)
	}
	return true
}

type legacyMMIO struct{ mmio }

func (m legacyMMIO) read(off, n uint32) (uint32, bool) {
	switch {
	case off == 0x004 && n == 4: // Version
		return 1, true
	case off == 0x040 && n == 4: // QueuePFN
		if q := m.queue(); q != nil && m.pageSize != 0 {
			return uint32(q.desc / uint64(m.pageSize)), true
		}
		return 0, true
	}
	return m.mmio.read(off, n)
}

func (m legacyMMIO) write(off, n, v uint32) bool {
	q := m.queue()
	if n != 4 || q == nil {
		return m.mmio.write(off, n, v)
	}
	switch off {
	case 0x028: // GuestPageSize
		m.pageSize = v
	case 0x03c: // QueueAlign
		m.align = v
	case 0x040: // QueuePFN
		if m.pageSize == 0 || m.align == 0 {
			m.violation("4.2.4: QueuePFN before GuestPageSize and QueueAlign")
			return true
		}
		m.enableLegacy(q, uint64(v)*uint64(m.pageSize), uint64(m.align))
	default:
		return m.mmio.write(off, n, v)
	}
	return true
}

func setHalf(addr *uint64, high uint32, v uint32) {
	if high != 0 {
		*addr = *addr&0xFFFF_FFFF | uint64(v)<<32
	} else {
		*addr = *addr&^0xFFFF_FFFF | uint64(v)
	}
}
