package virtio

import "gasp/drivers/reg"

// Common configuration structure (4.1.4.3).
const (
	commonDeviceFeatureSelect = 0x00
	commonDeviceFeature       = 0x04
	commonDriverFeatureSelect = 0x08
	commonDriverFeature       = 0x0c
	commonDeviceStatus        = 0x14
	commonConfigGeneration    = 0x15
	commonQueueSelect         = 0x16
	commonQueueSize           = 0x18
	commonQueueMSIXVector     = 0x1a
	commonQueueEnable         = 0x1c
	commonQueueNotifyOff      = 0x1e
	commonQueueDesc           = 0x20
	commonQueueDriver         = 0x28
	commonQueueDevice         = 0x30
	commonSize                = 0x38
)

// ModernPCI is the modern interface over PCI (4.1.4).
type ModernPCI struct {
	name                   string
	common, notify, device window
	isr                    window    // may be nowhere
	multiplier             uint32    // notify_off_multiplier (4.1.4.4)
	notifyOff              [2]uint32 // of each queue, in bytes into notify
}

func (p *ModernPCI) Name() string { return p.name }

// Common is the registers of the common configuration structure.
func (p *ModernPCI) Common() reg.Space { return &p.common }

func (p *ModernPCI) Legacy() bool { return false }

func (p *ModernPCI) Status() uint8 { return p.common.Read8(commonDeviceStatus) }

func (p *ModernPCI) SetStatus(status uint8) { p.common.Write8(commonDeviceStatus, status) }

func (p *ModernPCI) Features() uint64 {
	p.common.Write32(commonDeviceFeatureSelect, 0)
	low := p.common.Read32(commonDeviceFeature)
	p.common.Write32(commonDeviceFeatureSelect, 1)
	return uint64(low) | uint64(p.common.Read32(commonDeviceFeature))<<32
}

func (p *ModernPCI) SetFeatures(f uint64) {
	p.common.Write32(commonDriverFeatureSelect, 0)
	p.common.Write32(commonDriverFeature, uint32(f))
	p.common.Write32(commonDriverFeatureSelect, 1)
	p.common.Write32(commonDriverFeature, uint32(f>>32))
}

func (p *ModernPCI) QueueSize(q, want uint16) uint16 {
	p.common.Write16(commonQueueSelect, q)
	return uint16(pow2Floor(uint32(min(p.common.Read16(commonQueueSize), want))))
}

// SetQueue follows 4.1.5.1.3; 64-bit fields are written in halves (4.1.3.1).
func (p *ModernPCI) SetQueue(q, size uint16, area Area) error {
	p.common.Write16(commonQueueSelect, q)
	off := uint64(p.common.Read16(commonQueueNotifyOff)) * uint64(p.multiplier)
	if int(q) >= len(p.notifyOff) || off+2 > uint64(p.notify.size) || off&1 != 0 {
		return ErrQueue
	}
	p.notifyOff[q] = uint32(off)
	p.common.Write16(commonQueueSize, size)
	p.write64(commonQueueDesc, area.Descriptor)
	p.write64(commonQueueDriver, area.Driver)
	p.write64(commonQueueDevice, area.Device)
	p.common.Write16(commonQueueEnable, 1)
	return nil
}

func (p *ModernPCI) write64(off uint32, v uint64) {
	p.common.Write32(off, uint32(v))
	p.common.Write32(off+4, uint32(v>>32))
}

func (p *ModernPCI) Notify(q uint16) { p.notify.Write16(p.notifyOff[q&1], q) }

// SetVector needs the vector to read back as it was written (4.1.4.3.2).
func (p *ModernPCI) SetVector(q, entry uint16) error {
	p.common.Write16(commonQueueSelect, q)
	p.common.Write16(commonQueueMSIXVector, entry)
	if p.common.Read16(commonQueueMSIXVector) != entry {
		return ErrVector
	}
	return nil
}

func (p *ModernPCI) Acknowledge() uint8 {
	if p.isr.bar == nil {
		return 0
	}
	return isr(p.isr.Read8(0))
}

func (p *ModernPCI) Config8(off uint32) uint8 { return p.device.Read8(off) }

func (p *ModernPCI) Config16(off uint32) uint16 { return p.device.Read16(off) }

func (p *ModernPCI) Generation() uint8 { return p.common.Read8(commonConfigGeneration) }

// window is a part of a BAR. What lies outside reads as all ones and is not
// written.
type window struct {
	bar        reg.Space
	base, size uint32
}

func (w *window) holds(off, n uint32) bool { return off <= w.size && w.size-off >= n }

func (w *window) Read8(off uint32) uint8 {
	if !w.holds(off, 1) {
		return 0xFF
	}
	return w.bar.Read8(w.base + off)
}

func (w *window) Read16(off uint32) uint16 {
	if !w.holds(off, 2) {
		return 0xFFFF
	}
	return w.bar.Read16(w.base + off)
}

func (w *window) Read32(off uint32) uint32 {
	if !w.holds(off, 4) {
		return 0xFFFF_FFFF
	}
	return w.bar.Read32(w.base + off)
}

func (w *window) Write8(off uint32, v uint8) {
	if w.holds(off, 1) {
		w.bar.Write8(w.base+off, v)
	}
}

func (w *window) Write16(off uint32, v uint16) {
	if w.holds(off, 2) {
		w.bar.Write16(w.base+off, v)
	}
}

func (w *window) Write32(off uint32, v uint32) {
	if w.holds(off, 4) {
		w.bar.Write32(w.base+off, v)
	}
}
