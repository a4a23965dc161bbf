package pci

import "gasp/drivers/reg"

// Where a register lies in memory-mapped configuration space (PCI Express Base
// Specification 5.0, 7.2.2): 4 KiB a function, 1 MiB a bus.
const (
	ecamBus      = 20
	ecamDevice   = 15
	ecamFunction = 12

	// ECAMBusSize is how much of an ECAM one bus takes, in bytes.
	ECAMBusSize = 1 << ecamBus
)

// An ECAM is configuration space in memory: the Enhanced Configuration Access Mechanism.
// It is a Config. What is on no bus from First to Last is absent.
type ECAM struct {
	// Regs begins with bus First, device 0, function 0, and has ECAMBusSize bytes for
	// each bus; what it does not hold is absent.
	Regs reg.Space
	// First and Last are the buses of the window.
	First, Last uint8
}

// Read32 is Config's; all ones for what is not in the window.
func (e *ECAM) Read32(bus, dev, fn uint8, off uint16) uint32 {
	at, ok := e.at(bus, dev, fn, off)
	if !ok {
		return ^uint32(0)
	}
	return e.Regs.Read32(at)
}

// Write32 is Config's; what is not in the window is not written.
func (e *ECAM) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	if at, ok := e.at(bus, dev, fn, off); ok {
		e.Regs.Write32(at, v)
	}
}

func (e *ECAM) at(bus, dev, fn uint8, off uint16) (uint32, bool) {
	if bus < e.First || bus > e.Last || dev >= devicesPerBus || fn >= functionsPerDevice || off >= configSize {
		return 0, false
	}
	return uint32(bus-e.First)<<ecamBus | uint32(dev)<<ecamDevice | uint32(fn)<<ecamFunction | uint32(off&^3), true
}

// A Segment is one PCI segment group whose buses lie in several windows. It is a Config.
type Segment []ECAM

// Read32 is Config's, of the window that the bus is in; all ones if it is in none.
func (s Segment) Read32(bus, dev, fn uint8, off uint16) uint32 {
	for i := range s {
		if bus >= s[i].First && bus <= s[i].Last {
			return s[i].Read32(bus, dev, fn, off)
		}
	}
	return ^uint32(0)
}

// Write32 is Config's, of the window that the bus is in; nothing if it is in none.
func (s Segment) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	for i := range s {
		if bus >= s[i].First && bus <= s[i].Last {
			s[i].Write32(bus, dev, fn, off, v)
			return
		}
	}
}
