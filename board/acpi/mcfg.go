package acpi

import (
	"encoding/binary"
	"errors"
	"slices"
)

// ErrMCFG means that no table tells of memory-mapped configuration space.
var ErrMCFG = errors.New("acpi: no table of memory-mapped configuration space")

// A ConfigWindow is memory-mapped configuration space of PCI (PCI Firmware Specification
// 3.3, 4.1.2).
type ConfigWindow struct {
	Base        uint64 // physical address that bus 0 has, or would have
	Segment     uint16 // PCI segment group
	First, Last uint8  // buses that are there
}

// MaxConfigWindows is how many windows ParseMCFG tells of at the most.
const MaxConfigWindows = 32

const (
	mcfgEntries   = 44
	mcfgEntrySize = 16

	configBusSize = 1 << 20 // bytes of a window for each bus
)

// ParseMCFG returns the windows, up to MaxConfigWindows; one that cannot be is left out.
// Errors: ErrRSDP, ErrRSDT, ErrMCFG; the last one also if there is no window.
func ParseMCFG(mem Memory, rsdp uint64) ([]ConfigWindow, error) {
	var list [MaxConfigWindows]ConfigWindow
	n, err := ConfigWindows(mem, rsdp, list[:])
	if err != nil {
		return nil, err
	}
	return slices.Clone(list[:n]), nil
}

// ConfigWindows is ParseMCFG, which allocates, into a list: it returns how many there are, as many as there is room for.
func ConfigWindows(mem Memory, rsdp uint64, list []ConfigWindow) (n int, err error) {
	b, err := find(mem, rsdp, "MCFG", ErrMCFG)
	if err != nil {
		return 0, err
	}
	for b = b[min(len(b), mcfgEntries):]; len(b) >= mcfgEntrySize && n < len(list); b = b[mcfgEntrySize:] {
		w := ConfigWindow{
			Base:    binary.LittleEndian.Uint64(b),
			Segment: binary.LittleEndian.Uint16(b[8:]),
			First:   b[10],
			Last:    b[11],
		}
		if w.Base == 0 || w.Base%configBusSize != 0 || w.First > w.Last || w.Start()+w.Size() < w.Base {
			continue
		}
		list[n] = w
		n++
	}
	if n == 0 {
		return 0, ErrMCFG
	}
	return n, nil
}

// Start is the physical address of bus First.
func (w ConfigWindow) Start() uint64 { return w.Base + uint64(w.First)*configBusSize }

// Size is of the buses from First to Last, in bytes.
func (w ConfigWindow) Size() uint64 { return (uint64(w.Last-w.First) + 1) * configBusSize }
