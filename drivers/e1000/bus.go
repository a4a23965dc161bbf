package e1000

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
	d.pci.Capabilities(func(id uint8, at uint16) bool {
		switch {
		case id == capExpress && d.family.aspm != 0:
			// Low power states of the link that the device does not come out of in time.
			d.pci.Write16(at+expressLinkControl, d.pci.Read16(at+expressLinkControl)&^uint16(d.family.aspm))
		case id == capPCIX && !d.family.express:
			// Firmware that lets it read more at once than it can (Linux,
			// e1000_pcix_set_mmrbc's callers; 2 KiB is the most that works).
			command := d.pci.Read16(at + pcixCommand)
			most := min(d.pci.Read16(at+pcixStatusHigh)>>pcixStatusMMRB&3, mmrb2K)
			if command>>pcixCommandMMRB&3 > most {
				d.pci.Write16(at+pcixCommand, command&^(3<<pcixCommandMMRB)|most<<pcixCommandMMRB)
			}
		}
		return true
	})
}
