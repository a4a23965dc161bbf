package virtio

import "gasp/drivers/reg"

// MMIO device registers (4.2.2, tables 4.1 and, for legacy, 4.3).
const (
	mmioMagicValue        = 0x000
	mmioVersion           = 0x004
	mmioDeviceID          = 0x008
	mmioDeviceFeatures    = 0x010
	mmioDeviceFeaturesSel = 0x014
	mmioDriverFeatures    = 0x020
	mmioDriverFeaturesSel = 0x024
	mmioGuestPageSize     = 0x028 // legacy
	mmioQueueSel          = 0x030
	mmioQueueNumMax       = 0x034
	mmioQueueNum          = 0x038
	mmioQueueAlign        = 0x03c // legacy
	mmioQueuePFN          = 0x040 // legacy
	mmioQueueReady        = 0x044
	mmioQueueNotify       = 0x050
	mmioInterruptStatus   = 0x060
	mmioInterruptACK      = 0x064
	mmioStatus            = 0x070
	mmioQueueDescLow      = 0x080
	mmioQueueDescHigh     = 0x084
	mmioQueueDriverLow    = 0x090
	mmioQueueDriverHigh   = 0x094
	mmioQueueDeviceLow    = 0x0a0
	mmioQueueDeviceHigh   = 0x0a4
	mmioConfigGeneration  = 0x0fc
	mmioConfig            = 0x100

	mmioMagic         = 0x74726976 // "virt"
	mmioLegacyVersion = 1
	mmioModernVersion = 2
)

// NewMMIO looks at the virtio-mmio registers of one slot (at least 0x108 bytes).
// ErrNoDevice if the slot is empty, holds another kind of device, or is no
// virtio-mmio slot of version 1 or 2.
func NewMMIO(regs reg.Space, kind Kind) (Transport, error) {
	if regs.Read32(mmioMagicValue) != mmioMagic || regs.Read32(mmioDeviceID) != kind.ID {
		return nil, ErrNoDevice
	}
	switch regs.Read32(mmioVersion) {
	case mmioLegacyVersion:
		return &mmioLegacy{mmio{regs, kind.Name + " (MMIO, legacy)"}}, nil
	case mmioModernVersion:
		return &mmioModern{mmio{regs, kind.Name + " (MMIO)"}}, nil
	}
	return nil, ErrNoDevice
}

// mmio is what both versions have in common.
type mmio struct {
	regs reg.Space
	name string
}

func (m *mmio) Name() string { return m.name }

func (m *mmio) Status() uint8 { return uint8(m.regs.Read32(mmioStatus)) }

func (m *mmio) Notify(q uint16) { m.regs.Write32(mmioQueueNotify, uint32(q)) }

func (m *mmio) SetVector(_, _ uint16) error { return ErrVector }

func (m *mmio) Acknowledge() uint8 {
	v := m.regs.Read32(mmioInterruptStatus)
	if v == 0 || v == allOnes {
		return 0
	}
	m.regs.Write32(mmioInterruptACK, v)
	return uint8(v)
}

// allOnes is what a bus reads where nothing answers.
const allOnes = ^uint32(0)

func (m *mmio) Config8(off uint32) uint8 { return m.regs.Read8(mmioConfig + off) }

func (m *mmio) Config16(off uint32) uint16 { return m.regs.Read16(mmioConfig + off) }

func (m *mmio) features(word uint32) uint64 {
	m.regs.Write32(mmioDeviceFeaturesSel, word)
	return uint64(m.regs.Read32(mmioDeviceFeatures))
}

func (m *mmio) setFeatures(word uint32, v uint32) {
	m.regs.Write32(mmioDriverFeaturesSel, word)
	m.regs.Write32(mmioDriverFeatures, v)
}

func (m *mmio) QueueSize(q, want uint16) uint16 {
	m.regs.Write32(mmioQueueSel, uint32(q))
	return uint16(pow2Floor(min(m.regs.Read32(mmioQueueNumMax), uint32(want))))
}

// mmioModern is version 2 (4.2.2).
type mmioModern struct{ mmio }

func (m *mmioModern) Legacy() bool { return false }

func (m *mmioModern) SetStatus(status uint8) { m.regs.Write32(mmioStatus, uint32(status)) }

func (m *mmioModern) Features() uint64 { return m.features(0) | m.features(1)<<32 }

func (m *mmioModern) SetFeatures(f uint64) {
	m.setFeatures(0, uint32(f))
	m.setFeatures(1, uint32(f>>32))
}

// SetQueue follows 4.2.3.2.
func (m *mmioModern) SetQueue(q, size uint16, area Area) error {
	m.regs.Write32(mmioQueueSel, uint32(q))
	if m.regs.Read32(mmioQueueReady) != 0 {
		return ErrQueue
	}
	m.regs.Write32(mmioQueueNum, uint32(size))
	m.regs.Write32(mmioQueueDescLow, uint32(area.Descriptor))
	m.regs.Write32(mmioQueueDescHigh, uint32(area.Descriptor>>32))
	m.regs.Write32(mmioQueueDriverLow, uint32(area.Driver))
	m.regs.Write32(mmioQueueDriverHigh, uint32(area.Driver>>32))
	m.regs.Write32(mmioQueueDeviceLow, uint32(area.Device))
	m.regs.Write32(mmioQueueDeviceHigh, uint32(area.Device>>32))
	m.regs.Write32(mmioQueueReady, 1)
	return nil
}

func (m *mmioModern) Generation() uint8 { return uint8(m.regs.Read32(mmioConfigGeneration)) }

// mmioLegacy is version 1 (4.2.4).
type mmioLegacy struct{ mmio }

func (m *mmioLegacy) Legacy() bool { return true }

// SetStatus also sets the page size that QueuePFN counts in: a reset may clear it.
func (m *mmioLegacy) SetStatus(status uint8) {
	m.regs.Write32(mmioStatus, uint32(status))
	if status == StatusAcknowledge {
		m.regs.Write32(mmioGuestPageSize, PageSize)
	}
}

func (m *mmioLegacy) Features() uint64 { return m.features(0) }

func (m *mmioLegacy) SetFeatures(f uint64) { m.setFeatures(0, uint32(f)) }

func (m *mmioLegacy) SetQueue(q, size uint16, area Area) error {
	pfn := area.Descriptor / PageSize
	if pfn>>32 != 0 {
		return ErrQueue
	}
	m.regs.Write32(mmioQueueSel, uint32(q))
	if m.regs.Read32(mmioQueuePFN) != 0 {
		return ErrQueue
	}
	m.regs.Write32(mmioQueueNum, uint32(size))
	m.regs.Write32(mmioQueueAlign, PageSize)
	m.regs.Write32(mmioQueuePFN, uint32(pfn))
	return nil
}

func (m *mmioLegacy) Generation() uint8 { return 0 }
