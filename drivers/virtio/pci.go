package virtio

import "gasp/drivers/reg"

// ConfigSpace reads the PCI configuration space of one function, at a byte offset.
// What is not there reads as all ones.
type ConfigSpace interface {
	Read8(off uint16) uint8
	Read16(off uint16) uint16
	Read32(off uint16) uint32
}

// PCI identification (4.1.2).
const (
	VendorID = 0x1af4 // Red Hat, for all of virtio
	modernID = 0x1040 // and the device ID
)

// PCI configuration space (PCI Local Bus 3.0, 6.1, 6.7 and 6.8.2).
const (
	pciVendor       = 0x00
	pciDevice       = 0x02
	pciStatus       = 0x06
	pciCapabilities = 0x34

	pciStatusCapabilities = 1 << 4

	capVendor         = 0x09
	capMSIX           = 0x11
	msixControl       = 2
	msixControlEnable = 1 << 15

	pciBARs        = 6
	firstCapAt     = 0x40
	maxCaps        = 48 // of 4 bytes each in 256, less the header
	configSpaceEnd = 0x100
)

// struct virtio_pci_cap (4.1.4).
const (
	virtioCapLen        = 2
	virtioCapType       = 3
	virtioCapBAR        = 4
	virtioCapOffset     = 8
	virtioCapLength     = 12
	virtioCapSize       = 16
	virtioCapMultiplier = 16 // behind a notify capability
	virtioNotifyCapSize = 20

	virtioCapCommon = 1
	virtioCapNotify = 2
	virtioCapISR    = 3
	virtioCapDevice = 4
)

// isrSize is the least size of the ISR status structure (4.1.4.5).
const isrSize = 1

// notifySize is the least size of the notification structure.
const notifySize = 2

// NewPCI finds the registers of a device of this kind: those that its vendor
// capabilities point to, or the legacy ones in BAR 0 if the capabilities are absent
// or unusable. bar maps a BAR by its number, 0 to 5. Memory, I/O and bus master
// are to be enabled in the command register. ErrNoDevice if it is another device
// or has no usable registers.
func NewPCI(config ConfigSpace, bar func(n int) (reg.Space, error), kind Kind) (Transport, error) {
	if config.Read16(pciVendor) != VendorID {
		return nil, ErrNoDevice
	}
	id := config.Read16(pciDevice)
	if !kind.Is(VendorID, id) {
		return nil, ErrNoDevice
	}
	c := capabilities{config: config, bar: bar, kind: kind}
	c.modern.name = kind.Name + " (PCI)"
	c.walk()
	if m := c.modern; m.common.bar != nil && m.notify.bar != nil && (m.device.bar != nil || kind.Config == 0) {
		return &m, nil
	}
	if id != kind.Transitional {
		return nil, ErrNoDevice
	}
	regs, err := bar(0)
	if err != nil {
		return nil, err
	}
	if regs == nil {
		return nil, ErrNoDevice
	}
	p := &pciLegacy{regs: regs, config: legacyConfig, name: kind.Name + " (PCI, legacy)"}
	if c.msix {
		p.config = legacyConfigMSIX
	}
	return p, nil
}

// Is tells whether these are the PCI vendor and device ID of such a device.
func (k Kind) Is(vendor, device uint16) bool {
	return vendor == VendorID && (device == k.Transitional || uint32(device) == modernID+k.ID)
}

// capabilities is what a walk of the capability list found.
type capabilities struct {
	config ConfigSpace
	bar    func(n int) (reg.Space, error)
	kind   Kind
	modern ModernPCI
	msix   bool // MSI-X is enabled
}

// walk visits the list, at most maxCaps of it.
func (c *capabilities) walk() {
	if c.config.Read16(pciStatus)&pciStatusCapabilities == 0 {
		return
	}
	at := uint16(c.config.Read8(pciCapabilities)) &^ 3
	for range maxCaps {
		if at < firstCapAt {
			return
		}
		switch c.config.Read8(at) {
		case capVendor:
			c.vendor(at)
		case capMSIX:
			c.msix = c.config.Read16(at+msixControl)&msixControlEnable != 0
		}
		at = uint16(c.config.Read8(at+1)) &^ 3
	}
}

// vendor takes the structure that the capability at at describes. The device
// offers the better ones first, so the first usable one of a type counts (4.1.4.1).
func (c *capabilities) vendor(at uint16) {
	capLen := c.config.Read8(at + virtioCapLen)
	if capLen < virtioCapSize || at+uint16(capLen) > configSpaceEnd {
		return
	}
	m := &c.modern
	switch c.config.Read8(at + virtioCapType) {
	case virtioCapCommon:
		c.locate(&m.common, at, commonSize, 4)
	case virtioCapISR:
		c.locate(&m.isr, at, isrSize, 1)
	case virtioCapDevice:
		c.locate(&m.device, at, c.kind.Config, 4)
	case virtioCapNotify:
		if capLen >= virtioNotifyCapSize && m.notify.bar == nil {
			m.multiplier = c.config.Read32(at + virtioCapMultiplier)
			c.locate(&m.notify, at, notifySize, 2)
		}
	}
}

// locate points w at the structure, if it is still nowhere, the capability holds
// together, and the structure has at least size bytes at a multiple of align.
func (c *capabilities) locate(w *window, at uint16, size, align uint32) {
	n := c.config.Read8(at + virtioCapBAR)
	base := c.config.Read32(at + virtioCapOffset)
	length := c.config.Read32(at + virtioCapLength)
	if w.bar != nil || n >= pciBARs || base&(align-1) != 0 || length < size || base+length < base {
		return
	}
	if space, err := c.bar(int(n)); err == nil && space != nil {
		*w = window{bar: space, base: base, size: length}
	}
}
