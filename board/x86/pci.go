//go:build tamago && amd64

package x86

import (
	"gasp/board/acpi"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// PCI configuration mechanism 1 (PCI Local Bus 3.0, 3.2.2.3.2).
const (
	configAddress = 0xcf8
	configData    = 0xcfc
	configEnable  = 1 << 31
	configLimit   = 256
)

// PCI is configuration space through ports: of segment 0, without the registers that only
// PCI Express has.
type PCI struct{}

// PCISegments are the configuration spaces of this machine, through memory as far as the
// firmware says where that is, else through ports; none without PCI.
func PCISegments() (list []pci.Config) {
	windows, _ := acpi.ParseMCFG(at, rootPointer())
	segments := map[uint16]pci.Segment{}
	var order []uint16
	for _, w := range windows {
		regs := Window(w.Start(), w.Size())
		if regs == nil {
			continue
		}
		if segments[w.Segment] == nil {
			order = append(order, w.Segment)
		}
		segments[w.Segment] = append(segments[w.Segment], pci.ECAM{Regs: &configWindow{*regs}, First: w.First, Last: w.Last})
	}
	ports := PCI{}.Read32(0, 0, 0, 0)
	if memory := segments[0].Read32(0, 0, 0, 0); HasPCI() && memory != ports {
		if segments[0] != nil {
			netlog.Default().Log(netlog.Notice, "PCI configuration space is not where the firmware says: using ports")
		}
		list = append(list, PCI{})
		delete(segments, 0)
	}
	for _, n := range order {
		if s := segments[n]; s != nil {
			list = append(list, s)
		}
	}
	return list
}

// A configWindow is configuration space in memory, accessed by way of EAX: with another register AMD's processors may do anything
// (BIOS and Kernel Developer's Guides of families 10h and later, MMIO configuration coding requirements; Linux
// arch/x86/include/asm/pci_x86.h).
type configWindow struct{ reg.MMIO }

func (w *configWindow) Read32(off uint32) uint32 {
	if uint64(off)+4 > uint64(w.Size) {
		return ^uint32(0)
	}
	return loadByAX(w.Base + uintptr(off))
}

func (w *configWindow) Write32(off, v uint32) {
	if uint64(off)+4 <= uint64(w.Size) {
		storeByAX(w.Base+uintptr(off), v)
	}
}

// cpu_amd64.s
func loadByAX(addr uintptr) uint32
func storeByAX(addr uintptr, v uint32)

func configSelect(bus, dev, fn uint8, off uint16) bool {
	if off >= configLimit || dev > 31 || fn > 7 {
		return false
	}
	out32(configAddress, configEnable|uint32(bus)<<16|uint32(dev)<<11|uint32(fn)<<8|uint32(off&^3))
	return true
}

// Read32 reads 32 bits of configuration space at off, its two lowest bits ignored; all ones if that is not there.
func (PCI) Read32(bus, dev, fn uint8, off uint16) uint32 {
	if !configSelect(bus, dev, fn, off) {
		return ^uint32(0)
	}
	return in32(configData)
}

// Write32 writes 32 bits of configuration space at off, its two lowest bits ignored; nothing if that is not there.
func (PCI) Write32(bus, dev, fn uint8, off uint16, v uint32) {
	if configSelect(bus, dev, fn, off) {
		out32(configData, v)
	}
}

// HasPCI tells whether there is a host bridge at the ports.
func HasPCI() bool {
	id := PCI{}.Read32(0, 0, 0, 0)
	return id != 0 && id != ^uint32(0)
}

// Registers maps base address register i of f.
func Registers(f *pci.Function, i int) (reg.Space, error) {
	b, err := f.BAR(i)
	if err != nil {
		return nil, err
	}
	if b.Kind == pci.IO {
		return &ports{base: uint16(b.Base), size: uint16(min(b.Size, 1<<16-1))}, nil
	}
	w := Window(b.Base, b.Size)
	if w == nil {
		return nil, pci.ErrBadBAR
	}
	return w, nil
}
