//go:build tamago && amd64

package pc

import (
	"gasp/board/machine"
	"gasp/board/nic"
	"gasp/board/x86"
	"gasp/drivers/pci"
	"gasp/netlog"
)

func init() {
	var buses []*nic.PCI
	for _, config := range x86.PCISegments() {
		buses = append(buses, &nic.PCI{
			Config:    config,
			Registers: x86.Registers,
			MSI:       x86.MSI,
			MSIX:      x86.MSIX,
			Interrupts: func(dev machine.Interrupts, f *pci.Function, message string) {
				x86.UseInterrupts(dev, f, message, 0)
			},
			Relax: x86.Relax,
		})
	}
	// What firmware has left at work goes on in memory that is ours by now, and without remapping anywhere.
	for _, b := range buses {
		b.Quiet()
	}
	x86.EndRemapping(func() {
		for _, b := range buses {
			b.QuietAll()
		}
	})
	for _, b := range buses {
		b.FindEntropy()
	}
	for _, b := range buses {
		b.FindNetwork()
	}
	if len(buses) > 0 && !machine.Attached() {
		netlog.Default().Log(netlog.Err, "no usable network device on the PCI bus: records stay here")
	}
}
