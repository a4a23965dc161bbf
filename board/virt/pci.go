//go:build tamago && arm64

package virt

import (
	"gasp/board/arm64"
	"gasp/board/inventory"
	"gasp/board/nic"
	"gasp/drivers/pci"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// pciBuses are those of the host bridges that have their configuration space in memory, with a place for each function,
// which firmware has given them or else this does.
func pciBuses() (all []*nic.PCI) {
	findMessages()
	for i := range has.HostCount {
		if b := pciBus(&has.Hosts[i]); b != nil {
			all = append(all, b)
		}
	}
	return all
}

// mapConfigurations maps the configuration spaces of all host bridges; what cannot be one is none.
func mapConfigurations() {
	for i := range has.HostCount {
		if c := &has.Hosts[i].Config; canBeRegisters(c.Addr, c.Size) {
			arm64.MapConfiguration(c.Addr, c.Size)
		} else {
			*c = inventory.Range{}
		}
	}
}

// pciBus is the bus of a host bridge, nil if there is none.
func pciBus(host *inventory.Host) *nic.PCI {
	if host.Config.Size == 0 {
		return nil
	}
	config := &pci.ECAM{Regs: space(host.Config.Addr, host.Config.Size), First: host.First, Last: host.Last}
	w := windows(host.Windows[:])
	if !host.Placed && !pci.Assigned(config, host.First) {
		if err := pci.Assign(config, host.First, host.Last, w.bus()); err != nil {
			netlog.Default().Log(netlog.Warning, err.Error())
		}
	}
	return &nic.PCI{
		Config:     config,
		Root:       host.First,
		Memory:     memoryFor(host.Incoherent),
		Registers:  w.registers,
		MSI:        enableMSI(host),
		MSIX:       enableMSIX(host, w),
		Interrupts: listenPCI(host),
		Relax:      arm64.Relax,
	}
}

// windows are what the host bridge passes on.
type windows []inventory.Window

// bus is the windows as the bus has them.
func (l windows) bus() (all []pci.Window) {
	for _, w := range l {
		all = append(all, pci.Window{Kind: w.Kind, Base: w.Bus, Size: w.Size})
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
		if (w.Kind == pci.IO) != (b.Kind == pci.IO) || b.Base < w.Bus || b.Base-w.Bus >= w.Size || b.Size > w.Size-(b.Base-w.Bus) {
			continue
		}
		if r := window(w.CPU+(b.Base-w.Bus), b.Size); r != nil {
			return r, nil
		}
	}
	return nil, pci.ErrBadBAR
}
