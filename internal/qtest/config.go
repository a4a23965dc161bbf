package qtest

import (
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// PCI is the machine's PCI configuration space, through the ports 0xCF8 and 0xCFC
// (PCI Local Bus Specification 3.0, 3.2.2.3.2).
func (m *Machine) PCI() pci.Config { return config{m.Ports(0xCF8)} }

// config is a pci.Config over CONFIG_ADDRESS at 0 and CONFIG_DATA at 4.
type config struct{ ports reg.Space }

// lastRegister is the last that the ports reach.
const lastRegister = 0xFC

func (c config) Read32(bus, dev, fn uint8, off uint16) uint32 {
	if off > lastRegister {
		return ^uint32(0)
	}
	c.ports.Write32(0, configAddress(bus, dev, fn, off))
	return c.ports.Read32(4)
}

func (c config) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	if off > lastRegister {
		return
	}
	c.ports.Write32(0, configAddress(bus, dev, fn, off))
	c.ports.Write32(4, v)
}

func configAddress(bus, dev, fn uint8, off uint16) uint32 {
	return 1<<31 | uint32(bus)<<16 | uint32(dev)<<11 | uint32(fn)<<8 | uint32(off)
}
