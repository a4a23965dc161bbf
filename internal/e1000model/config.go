package e1000model

// Bus is the model's configuration space: a pci.Config with the model as the
// only function on the bus, device 0.
type Bus struct{ *Device }

// capabilityAt is where the first capability is in configuration space, powerAt the last.
const (
	capabilityAt = 0x40
	powerAt      = 0xC8
)

// capability is PCI Express with L0s and L1 on, or PCI-X that reads 4 KiB where it can
// 2.
func (d *Device) capability() {
	if d.Express {
		d.config[0], d.config[4] = 2<<16|powerAt<<8|0x10, 3
		d.l1pm = 0xF
		return
	}
	d.config[0], d.config[1] = 3<<18|7, 2<<21
}

// LinkControl is the PCI Express Link Control register, L1PM the L1 PM Substates Control 1
// register, and PCIXCommand the PCI-X command.
func (d *Device) LinkControl() uint32 { return d.config[4] & 0xFFFF }
func (d *Device) L1PM() uint32        { return d.l1pm }
func (d *Device) PCIXCommand() uint32 { return d.config[0] >> 16 }

// Control2 is the PCI Express Device Control 2 register, and SetControl2 what firmware puts there.
func (d *Device) Control2() uint32     { return d.config[10] & 0xFFFF }
func (d *Device) SetControl2(v uint32) { d.config[10] = v }

// SetCommand is the PCI command register as somebody left it.
func (d *Device) SetCommand(v uint16) { d.command = v }

// Read32 implements pci.Config.
func (b Bus) Read32(bus, dev, fn uint8, off uint16) uint32 {
	if bus != 0 || dev != 0 || fn != 0 {
		return ^uint32(0)
	}
	switch {
	case off == 0:
		return 0x8086 | uint32(b.ID)<<16
	case off == 4:
		return uint32(b.command) | 1<<20 // there are capabilities
	case off == 8:
		return 0x02000000
	case off >= 0x10 && off < 0x28:
		return b.bars[(off-0x10)/4]
	case off == 0x34:
		return capabilityAt
	case off >= capabilityAt && off < capabilityAt+64:
		return b.config[(off-capabilityAt)/4]
	case off == powerAt:
		return 0x01
	case off == powerAt+4:
		return b.power
	case off == 0xE4 && b.Hangs && b.holding:
		return 1 << 8
	case off == 0x100 && b.Express: // a capability of no interest, and L1 PM Substates
		return 0x140<<20 | 1<<16 | 0x0001
	case off == 0x140 && b.Express:
		return 1<<16 | 0x001E
	case off == 0x148:
		return b.l1pm
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
	case off >= capabilityAt && off < capabilityAt+64:
		b.config[(off-capabilityAt)/4] = v
	case off == powerAt+4:
		b.switchPower(v)
	case off == 0x148:
		b.l1pm = v
	}
}
