package e1000model

// Bus is the model's configuration space: a pci.Config with the model as the
// only function on the bus, device 0.
type Bus struct{ *Device }

// DeviceID is what Bus gives for an Express model and for another.
func (d *Device) DeviceID() uint16 {
	if d.Express {
		return 0x10D3
	}
	return 0x100E
}

// Read32 implements pci.Config.
func (b Bus) Read32(bus, dev, fn uint8, off uint16) uint32 {
	if bus != 0 || dev != 0 || fn != 0 {
		return ^uint32(0)
	}
	switch {
	case off == 0:
		return 0x8086 | uint32(b.DeviceID())<<16
	case off == 4:
		return uint32(b.command)
	case off == 8:
		return 0x02000000
	case off >= 0x10 && off < 0x28:
		return b.bars[(off-0x10)/4]
	case off == 0x3C:
		return 1<<8 | 10 // pin A, line 10
	}
	return 0
}

// Write32 implements pci.Config.
func (b Bus) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	if bus != 0 || dev != 0 || fn != 0 {
		return
	}
	switch {
	case off == 4:
		b.command = uint16(v) & 0x407
		b.pin()
	case off == 0x10:
		b.bars[0] = v &^ (128<<10 - 1)
	}
}
