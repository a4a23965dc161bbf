//go:build tamago && amd64

package x86

import "gasp/drivers/reg"

// The I/O APIC (Intel 82093AA data sheet, 3.1 and 3.2): registers behind an index
// and a window.
const (
	ioapicSelect = 0x00
	ioapicWindow = 0x10
	ioapicSize   = 0x20

	ioapicVersion     = 0x01 // bits 16-23: the last pin
	ioapicRedirection = 0x10 // two registers a pin

	redirectNMI    = 4 << 8 // delivery mode; edge, active high, physical destination
	redirectMasked = 1 << 16
	redirectHigh   = 1 << 15       // a level, active high; fixed delivery
	redirectLow    = 1<<15 | 1<<13 // a level, active low

	ioapicUsual = 0xfec00000 // where it is if no table says
)

// An ioAPIC routes the interrupts of devices. It is used by one context only.
type ioAPIC struct {
	regs reg.MMIO
}

func (a *ioAPIC) read(index uint32) uint32 {
	a.regs.Write32(ioapicSelect, index)
	return a.regs.Read32(ioapicWindow)
}

func (a *ioAPIC) write(index, v uint32) {
	a.regs.Write32(ioapicSelect, index)
	a.regs.Write32(ioapicWindow, v)
}

// pins is how many there are, 0 without an I/O APIC.
func (a *ioAPIC) pins() uint32 {
	v := a.read(ioapicVersion)
	if v == 0 || v == ^uint32(0) {
		return 0
	}
	return v>>16&0xff + 1
}

// free tells whether nobody uses the pin.
func (a *ioAPIC) free(pin uint32) bool {
	return pin < a.pins() && a.read(ioapicRedirection+2*pin)&redirectMasked != 0
}

// routeNMI makes an edge at the pin a non-maskable interrupt of a processor, by its
// local APIC's id. A level would interrupt only once: nothing ends it.
func (a *ioAPIC) routeNMI(pin, id uint32) {
	if id > mostTarget {
		return
	}
	a.write(ioapicRedirection+2*pin+1, id<<24)
	a.write(ioapicRedirection+2*pin, redirectNMI)
}

// routeLevel makes a level at the pin an interrupt of a processor with a vector.
func (a *ioAPIC) routeLevel(pin, id uint32, vector uint8, level uint32) {
	if id > mostTarget {
		return
	}
	a.write(ioapicRedirection+2*pin+1, id<<24)
	a.write(ioapicRedirection+2*pin, level|uint32(vector))
}

func (a *ioAPIC) mask(pin uint32) {
	a.write(ioapicRedirection+2*pin, redirectMasked)
}
