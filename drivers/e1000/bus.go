package e1000

import "gasp/drivers/pci"

// Capabilities of configuration space, PCI Express Base Specification 7.5.3 and PCI-X Addendum
// 7.2.
const (
	capPCIX    = 0x07
	capExpress = 0x10

	expressLinkControl = 0x10
	aspmL0s            = 1 << 0
	aspmL1             = 1 << 1

	pcixCommand     = 0x02
	pcixStatusHigh  = 0x06
	pcixCommandMMRB = 2 // where the maximum memory read byte count is, 2 bits
	pcixStatusMMRB  = 5
	mmrb2K          = 2
)

// mendBus sets in configuration space what the silicon needs otherwise than firmware sets it.
// A reset of the device leaves that as it is.
func (d *Device) mendBus() {
	if d.family.aspm != 0 {
		// The device first, since it is the one that starts L1, then the other end of its link.
		forbid(d.pci, d.family.aspm)
		if port := d.pci.Bridge(); port != nil {
			forbid(port, d.family.aspm)
		}
	}
	if !d.family.express {
		limitReads(d.pci)
	}
}

// forbid keeps a link from low power states that the device does not come out of in time.
func forbid(f *pci.Function, states uint16) {
	f.Capabilities(func(id uint8, at uint16) bool {
		if id == capExpress {
			f.Write16(at+expressLinkControl, f.Read16(at+expressLinkControl)&^states)
		}
		return id != capExpress
	})
}

// limitReads undoes what firmware may do on PCI-X: let the device read more at once than it can, of
// which 2 KiB is the most (Linux, e1000_main.c and e1000_hw.c; Intel's shared code,
// e1000_pcix_mmrbc_workaround_generic).
func limitReads(f *pci.Function) {
	f.Capabilities(func(id uint8, at uint16) bool {
		if id != capPCIX {
			return true
		}
		command := f.Read16(at + pcixCommand)
		most := min(f.Read16(at+pcixStatusHigh)>>pcixStatusMMRB&3, mmrb2K)
		if command>>pcixCommandMMRB&3 > most {
			f.Write16(at+pcixCommand, command&^(3<<pcixCommandMMRB)|most<<pcixCommandMMRB)
		}
		return false
	})
}
