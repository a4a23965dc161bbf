//go:build tamago && arm64

package virt

import (
	"gasp/board/arm64"
	"gasp/board/devicetree"
	"gasp/board/nic"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// pciBus is the bus of the first host bridge that has its configuration space in memory, with a place for each function,
// which firmware has given them or else this does. It returns nil if there is none.
func pciBus() *nic.PCI {
	host, ok := tree.Find("pci-host-ecam-generic")
	if !ok {
		return nil
	}
	first, last := host.BusRange()
	_, size, _ := host.Reg(0)
	if most := size / pci.ECAMBusSize; uint64(last-first) >= most {
		if most == 0 {
			return nil
		}
		last = first + uint8(most-1)
	}
	regs := registers(host, 0)
	if regs == nil {
		return nil
	}
	config := &pci.ECAM{Regs: regs, First: first, Last: last}
	w := pciWindows(host)
	findMessages()
	if !pci.Assigned(config, first) {
		if err := pci.Assign(config, first, last, w.bus()); err != nil {
			netlog.Default().Log(netlog.Warning, err.Error())
		}
	}
	return &nic.PCI{
		Config:     config,
		Registers:  w.registers,
		MSI:        enableMSI,
		MSIX:       enableMSIX(w),
		Interrupts: listenPCI(host),
		Relax:      arm64.Relax,
	}
}

// windows are what the host bridge passes on.
type windows []devicetree.PCIWindow

func pciWindows(host devicetree.Node) (all windows) {
	for i := 0; ; i++ {
		w, ok := host.PCIWindow(i)
		if !ok {
			return all
		}
		all = append(all, w)
	}
}

func kindOf(w devicetree.PCIWindow) pci.Kind {
	switch w.Kind {
	case devicetree.PCIIO:
		return pci.IO
	case devicetree.PCIMemory32:
		return pci.Mem32
	}
	return pci.Mem64
}

// bus is the windows as the bus has them.
func (l windows) bus() (all []pci.Window) {
	for _, w := range l {
		if w.Kind != devicetree.PCIConfig {
			all = append(all, pci.Window{Kind: kindOf(w), Base: w.Bus, Size: w.Size})
		}
	}
	return all
}

// registers maps base address register i of f. I/O ports are memory here, too.
func (l windows) registers(f *pci.Function, i int) (reg.Space, error) {
	b, err := f.BAR(i)
	if err != nil {
		return nil, err
	}
	for _, w := range l {
		if (kindOf(w) == pci.IO) != (b.Kind == pci.IO) || b.Base < w.Bus || b.Base-w.Bus >= w.Size || b.Size > w.Size-(b.Base-w.Bus) {
			continue
		}
		if r := window(w.CPU+(b.Base-w.Bus), b.Size); r != nil {
			return r, nil
		}
	}
	return nil, pci.ErrBadBAR
}
