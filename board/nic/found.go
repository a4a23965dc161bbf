//go:build tamago

package nic

import (
	"gasp/drivers/pci"
	"gasp/drivers/reg"
)

// A Device is where the network device is, for who wants to reach it behind its driver's back.
type Device struct {
	PCI  pci.Function // its Vendor is 0 without PCI
	MMIO *reg.MMIO    // of virtio-mmio; nil if it is none
	ENET *reg.MMIO    // of the MAC of i.MX6UL; nil if it is none
	bus  *PCI
}

var found Device

// Use notes a device that this package does not look for and that a board attached.
func Use(d Device) { found = d }

// Found returns the network device that was attached, the zero Device if there is none.
func Found() Device { return found }

// Registers maps base address register i of a device on a PCI bus.
func (d *Device) Registers(i int) (reg.Space, error) {
	if d.bus == nil {
		return nil, pci.ErrNoBAR
	}
	return d.bus.Registers(&d.PCI, i)
}

// Functions visits every function of the device's bus until visit returns false.
func (d *Device) Functions(visit func(f pci.Function, registers func(i int) (reg.Space, error)) bool) {
	if d.bus == nil {
		return
	}
	pci.Scan(d.bus.Config, func(f pci.Function) bool { return visit(f, d.bus.registers(&f)) })
}
