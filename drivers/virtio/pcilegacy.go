package virtio

import "gasp/drivers/reg"

// Legacy PCI registers, in I/O ports behind BAR 0 (4.1.4.10).
const (
	legacyDeviceFeatures = 0x00
	legacyDriverFeatures = 0x04
	legacyQueueAddress   = 0x08 // page frame number
	legacyQueueSize      = 0x0c
	legacyQueueSelect    = 0x0e
	legacyQueueNotify    = 0x10
	legacyStatus         = 0x12
	legacyISR            = 0x13
	legacyConfig         = 0x14 // without MSI-X; with MSI-X enabled 4 further on
	legacyConfigMSIX     = 0x18
)

type pciLegacy struct {
	regs   reg.Space
	name   string
	config uint32 // offset of the device configuration
}

func (p *pciLegacy) Name() string { return p.name }

func (p *pciLegacy) Legacy() bool { return true }

func (p *pciLegacy) Status() uint8 { return p.regs.Read8(legacyStatus) }

func (p *pciLegacy) SetStatus(status uint8) { p.regs.Write8(legacyStatus, status) }

func (p *pciLegacy) Features() uint64 { return uint64(p.regs.Read32(legacyDeviceFeatures)) }

func (p *pciLegacy) SetFeatures(f uint64) { p.regs.Write32(legacyDriverFeatures, uint32(f)) }

func (p *pciLegacy) QueueSize(q, _ uint16) uint16 {
	p.regs.Write16(legacyQueueSelect, q)
	return p.regs.Read16(legacyQueueSize)
}

func (p *pciLegacy) SetQueue(q, _ uint16, area Area) error {
	pfn := area.Descriptor / PageSize
	if pfn>>32 != 0 {
		return ErrQueue
	}
	p.regs.Write16(legacyQueueSelect, q)
	if p.regs.Read32(legacyQueueAddress) != 0 {
		return ErrQueue
	}
	p.regs.Write32(legacyQueueAddress, uint32(pfn))
	return nil
}

func (p *pciLegacy) Notify(q uint16) { p.regs.Write16(legacyQueueNotify, q) }

// SetVector never does: MSI-X would move the device configuration (4.1.4.10), which a
// crash is to find where it was.
func (p *pciLegacy) SetVector(_, _ uint16) error { return ErrVector }

func (p *pciLegacy) Acknowledge() uint8 { return isr(p.regs.Read8(legacyISR)) }

// isr is the ISR status as it was read, which clears it (4.1.4.5); 0 where nothing answers.
func isr(v uint8) uint8 {
	if v == 0xFF {
		return 0
	}
	return v
}

func (p *pciLegacy) Config8(off uint32) uint8 { return p.regs.Read8(p.config + off) }

func (p *pciLegacy) Config16(off uint32) uint16 { return p.regs.Read16(p.config + off) }

func (p *pciLegacy) Generation() uint8 { return 0 }
