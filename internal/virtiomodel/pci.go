package virtiomodel

import (
	"encoding/binary"
	"errors"

	"gasp/drivers/reg"
)

// PCI is the device as a PCI function: configuration space, and BARs. A test may
// change Config.
type PCI struct {
	Config [256]byte
	bars   [6]reg.Space
}

// Where the capabilities are in Config.
const (
	CapMSIX   = 0x40
	CapCommon = 0x50
	CapISR    = 0x60
	CapDevice = 0x70
	CapNotify = 0x80
)

// PCI makes the device a PCI function: transitional, with both interfaces, or, if
// modernOnly, without the legacy one. A driver is expected to use what
// Options.Legacy says; for that capabilities are left out.
func (d *Device) PCI(modernOnly bool) *PCI {
	p := &PCI{}
	d.pci = p
	put16 := func(off int, v uint16) { binary.LittleEndian.PutUint16(p.Config[off:], v) }
	put32 := func(off int, v uint32) { binary.LittleEndian.PutUint32(p.Config[off:], v) }
	put16(0x00, 0x1af4)
	put16(0x02, 0x1000)
	if modernOnly {
		put16(0x02, 0x1041)
	} else {
		p.bars[0] = &window{d, "legacy PCI", &legacyPCI{d, p}}
	}
	put16(0x06, 1<<4) // capabilities list
	p.Config[0x34] = CapMSIX
	copy(p.Config[CapMSIX:], []byte{0x11, CapCommon, 3, 0})
	if d.Legacy {
		p.Config[CapMSIX+1] = 0
		return p
	}
	p.bars[4] = &window{d, "PCI", modernPCI{d}}
	for _, c := range []struct {
		at, next, kind byte
		offset, length uint32
	}{
		{CapCommon, CapISR, 1, 0x0000, 0x1000},
		{CapISR, CapDevice, 3, 0x1000, 0x1000},
		{CapDevice, CapNotify, 4, 0x2000, 0x1000},
		{CapNotify, 0, 2, 0x3000, 0x1000},
	} {
		copy(p.Config[c.at:], []byte{0x09, c.next, 16, c.kind, 4})
		put32(int(c.at)+8, c.offset)
		put32(int(c.at)+12, c.length)
	}
	p.Config[CapNotify+2] = 20
	put32(CapNotify+16, notifyMultiplier)
	return p
}

const notifyMultiplier = 4

var errNoBAR = errors.New("no such BAR")

// BAR is the window behind BAR n.
func (p *PCI) BAR(n int) (reg.Space, error) {
	if n < 0 || n >= len(p.bars) || p.bars[n] == nil {
		return nil, errNoBAR
	}
	return p.bars[n], nil
}

// Read8 reads the configuration space.
func (p *PCI) Read8(off uint16) uint8 {
	if int(off) >= len(p.Config) {
		return 0xFF
	}
	return p.Config[off]
}

// Read16 reads the configuration space.
func (p *PCI) Read16(off uint16) uint16 {
	return uint16(p.Read8(off)) | uint16(p.Read8(off+1))<<8
}

// Read32 reads the configuration space.
func (p *PCI) Read32(off uint16) uint32 {
	return uint32(p.Read16(off)) | uint32(p.Read16(off+2))<<16
}

// legacyPCI is the registers of 4.1.4.10.
type legacyPCI struct {
	*Device
	p *PCI
}

func (l *legacyPCI) read(off, n uint32) (uint32, bool) {
	config := uint32(0x14)
	if l.p.Config[CapMSIX+3]&0x80 != 0 { // MSI-X enabled
		config = 0x18
	}
	switch q := l.queue(); {
	case off >= config:
		return l.readConfig(off-config, n)
	case off == 0x00 && n == 4: // device features
		return l.offered(), true
	case off == 0x08 && n == 4: // queue address
		if q == nil {
			return 0, true
		}
		return uint32(q.desc / 4096), true
	case off == 0x0c && n == 2: // queue size
		if q == nil {
			return 0, true
		}
		return uint32(q.max), true
	case off == 0x12 && n == 1: // status
		return uint32(l.status), true
	case off == 0x13 && n == 1: // ISR
		return l.readISR(), true
	}
	return 0, false
}

func (l *legacyPCI) write(off, n, v uint32) bool {
	switch {
	case off == 0x04 && n == 4:
		l.accept(v)
	case off == 0x08 && n == 4:
		if q := l.queue(); q != nil {
			l.enableLegacy(q, uint64(v)*4096, 4096)
		}
	case off == 0x0e && n == 2:
		l.selected = v
	case off == 0x10 && n == 2:
		l.notify(v)
	case off == 0x12 && n == 1:
		l.setStatus(uint8(v))
	default:
		return false
	}
	return true
}

// modernPCI is BAR 4: the structures of 4.1.4.3 to 4.1.4.6, a page each.
type modernPCI struct{ *Device }

func (m modernPCI) read(off, n uint32) (uint32, bool) {
	if off >= 0x2000 && off < 0x3000 {
		return m.readConfig(off-0x2000, n)
	}
	q := m.queue()
	switch {
	case off == 0x1000 && n == 1: // ISR status
		return m.readISR(), true
	case off == 0x1a && n == 2: // queue_msix_vector
		if q == nil {
			return noVector, true
		}
		return uint32(q.vector), true
	case off == 0x04 && n == 4: // device_feature
		return m.offered(), true
	case off == 0x12 && n == 2: // num_queues
		return uint32(len(m.queues)), true
	case off == 0x14 && n == 1: // device_status
		return uint32(m.status), true
	case off == 0x15 && n == 1: // config_generation
		return uint32(m.generation), true
	case off == 0x18 && n == 2: // queue_size
		if q == nil {
			return 0, true
		}
		return uint32(q.size), true
	case off == 0x1e && n == 2: // queue_notify_off
		return m.selected, true
	}
	return 0, false
}

func (m modernPCI) write(off, n, v uint32) bool {
	if off >= 0x3000 && n == 2 {
		if off-0x3000 != v*notifyMultiplier {
			m.violation("4.1.5.2: queue %d notified at %#x", v, off-0x3000)
		}
		m.notify(v)
		return true
	}
	q := m.queue()
	switch {
	case off == 0x00 && n == 4: // device_feature_select
		m.offerWord = v
	case off == 0x08 && n == 4: // driver_feature_select
		m.acceptWord = v
	case off == 0x0c && n == 4: // driver_feature
		m.accept(v)
	case off == 0x14 && n == 1: // device_status
		m.setStatus(uint8(v))
	case off == 0x16 && n == 2: // queue_select
		m.selected = v
	case q == nil:
		return false
	case off == 0x18 && n == 2: // queue_size
		return m.setSize(v)
	case off == 0x1a && n == 2: // queue_msix_vector
		m.setVector(q, v)
	case off == 0x1c && n == 2: // queue_enable
		m.enable(q, v)
	case off == 0x20 || off == 0x24:
		setHalf(&q.desc, off&4, v)
	case off == 0x28 || off == 0x2c:
		setHalf(&q.avail, off&4, v)
	case off == 0x30 || off == 0x34:
		setHalf(&q.used, off&4, v)
	default:
		return false
	}
	return true
}
