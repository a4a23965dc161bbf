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
	segments := x86.PCISegments()
	for _, config := range segments {
		bus := nic.PCI{
			Config:    config,
			Registers: x86.Registers,
			MSI:       x86.MSI,
			MSIX:      x86.MSIX,
			Interrupts: func(dev machine.Interrupts, f *pci.Function, message string) {
				x86.UseInterrupts(dev, f, message, 0)
			},
			Relax: x86.Relax,
		}
		bus.Find()
	}
	if len(segments) > 0 && !machine.Attached() {
		netlog.Default().Log(netlog.Err, "no usable network device on the PCI bus: records stay here")
	}
}
