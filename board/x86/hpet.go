//go:build tamago && amd64

package x86

import "gasp/drivers/reg"

// The high precision event timers (IA-PC HPET specification 1.0a, 2.3).
const (
	hpetPeriod     = 0x004 // femtoseconds a count
	hpetConfig     = 0x010
	hpetCounter    = 0x0f0
	hpetTimer      = 0x100 // timer 0: configuration and capabilities
	hpetRoutes     = 0x104 // the I/O APIC pins it reaches, a bit each
	hpetComparator = 0x108
	hpetSize       = 0x400

	hpetRun       = 1 << 0
	hpetInterrupt = 1 << 2 // edge, once
	hpet32Bits    = 1 << 8
	hpetRouteBit  = 9

	hpetMaxPeriod = 100_000_000 // 2.3.4
)

// An eventTimer is timer 0 as a one-shot timer of 32 bits. While it is armed it also
// interrupts when 32 bits of the counter begin anew: with the usual 100 MHz of QEMU
// every 43 s (2.3.9.2.1; QEMU hw/timer/hpet.c, hpet_set_timer).
type eventTimer struct {
	regs       reg.MMIO
	period     uint32 // femtoseconds
	comparator uint32
	turns      bool // the counter begins anew before the armed time is over, and nobody was told yet
}

const hpetHalf = 1 << 31 // of what 32 bits count

// open tells whether there is a timer whose counter can be made to run.
func (h *eventTimer) open(base uint64) bool {
	w := Window(base, hpetSize)
	if w == nil {
		return false
	}
	h.regs.Base, h.regs.Size = w.Base, w.Size
	h.period = h.regs.Read32(hpetPeriod)
	if h.period == 0 || h.period > hpetMaxPeriod {
		return false
	}
	h.regs.Write32(hpetTimer, 0)
	h.regs.Write32(hpetConfig, hpetRun)
	from := h.regs.Read32(hpetCounter)
	for range maxCountReads {
		if h.regs.Read32(hpetCounter) != from {
			return true
		}
	}
	return false
}

// route sends its interrupt to an I/O APIC pin.
func (h *eventTimer) route(pin uint32) {
	h.regs.Write32(hpetTimer, pin<<hpetRouteBit|hpet32Bits|hpetInterrupt)
}

// arm tells whether an interrupt of before, at the counter's new turn, may be under
// way.
func (h *eventTimer) arm(ns uint64) (turned bool) {
	from := h.regs.Read32(hpetCounter)
	turned = h.turns && from < hpetHalf
	h.comparator = from + uint32(ns*1_000_000/uint64(h.period))
	h.turns = h.comparator < from
	h.regs.Write32(hpetComparator, h.comparator)
	return turned
}

// turned tells, once each time it is armed, that the counter has begun anew.
func (h *eventTimer) turned() bool {
	if !h.turns || h.regs.Read32(hpetCounter) >= hpetHalf {
		return false
	}
	h.turns = false
	return true
}

// expired tells whether the armed time is over, for half of what 32 bits count.
func (h *eventTimer) expired() bool {
	return int32(h.regs.Read32(hpetCounter)-h.comparator) >= 0
}
