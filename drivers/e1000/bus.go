package e1000

import "gasp/drivers/pci"

// Capabilities of configuration space, as Linux names them in include/uapi/linux/pci_regs.h:
// PCI_CAP_ID_PCIX, PCI_CAP_ID_EXP, and of the extended ones PCI_EXT_CAP_ID_L1SS.
const (
	capPCIX    = 0x07
	capExpress = 0x10

	expressVersion     = 0x02 // 4 bits; Device Control 2 is there from 2 on
	expressLinkControl = 0x10
	expressControl2    = 0x28
	aspmL0s            = 1 << 0
	aspmL1             = 1 << 1

	completionTimeout = 0xF // of Device Control 2
	completion16ms    = 5   // 16 to 55 ms

	// L1 PM Substates, one of the capabilities from 0x100 on, which have id and offset of the next
	// one in the first word. Its bit has its own number among the states to be forbidden.
	firstExtended = 0x100
	mostExtended  = 48
	extendedL1PM  = 0x1E
	l1pmControl   = 0x08
	aspmL12       = 1 << 2

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
		// 82571, 82572 13; 82573 8, 82574 20, 82583 9. The device first, since it is the one that starts L1, then the other
		// end of its link.
		forbid(d.pci, d.family.aspm)
		if port := d.pci.Bridge(); port != nil {
			forbid(port, d.family.aspm)
		}
	}
	if d.family.impatient {
		awaitCompletions(d.pci)
	}
	if !d.family.express {
		limitReads(d.pci)
	}
}

// awaitCompletions makes the device wait as long for what it reads as a machine may take, unless
// firmware did: 82575 and 82576 wait 0.5 to 1 ms (Linux, igb_set_pcie_completion_timeout), I210 wants software to see to
// it (332763, I210 Specification Update 3.0, clarification 1; 333016 3.1.3.2).
func awaitCompletions(f *pci.Function) {
	f.Capabilities(func(id uint8, at uint16) bool {
		if id != capExpress {
			return true
		}
		if v := f.Read16(at + expressControl2); f.Read16(at+expressVersion)&0xF >= 2 && v&completionTimeout == 0 {
			f.Write16(at+expressControl2, v|completion16ms)
		}
		return false
	})
}

// awaitLonger does so with a bus of version 1, that of 82575, where a register of the device says how long, and
// has no device ask again for what it did not get in time (Intel, e1000_set_pcie_completion_timeout_82575).
func (d *Device) awaitLonger() {
	v := d.regs.Read32(regGCR)
	if v&(gcrVersion2|gcrTimeout) == 0 {
		v |= gcrTimeout10ms
	}
	d.regs.Write32(regGCR, v&^gcrResend)
}

// forbid keeps a link from low power states that the device does not come out of in time.
func forbid(f *pci.Function, states uint16) {
	f.Capabilities(func(id uint8, at uint16) bool {
		if id == capExpress {
			f.Write16(at+expressLinkControl, f.Read16(at+expressLinkControl)&^(states&(aspmL0s|aspmL1)))
		}
		return id != capExpress
	})
	if states&aspmL12 != 0 {
		forbidL12(f)
	}
}

// forbidL12 does so with L1.2, which I226 does not leave before its buffer is full (Linux,
// commit 0325143b59c6). Where there is no extended configuration space, it reads as all ones.
func forbidL12(f *pci.Function) {
	at := uint16(firstExtended)
	for range mostExtended {
		head := f.Read32(at)
		if head == 0 || head == allOnes {
			return
		}
		if uint16(head) == extendedL1PM {
			f.Write32(at+l1pmControl, f.Read32(at+l1pmControl)&^aspmL12)
			return
		}
		if at = uint16(head>>20) &^ 3; at < firstExtended {
			return
		}
	}
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
