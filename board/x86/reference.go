//go:build tamago && amd64

package x86

import (
	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/board/x86/calibrate"
)

// What time is measured by: the first one that counts, of the interval timer, the high
// precision timer, ACPI's power management timer, and the time stamp counter itself on a processor that
// says how fast it is.

// measure calibrates the time stamp counter and the local APIC's timer.
func measure(rsdp uint64) calibrate.Rates {
	if pitCounts() {
		if r, ok := calibrate.Measure(pitReference{}); ok {
			return r
		}
	}
	if base, err := acpi.ParseHPET(at, rsdp); err == nil {
		h := &tick.hpet
		if h.open(base) {
			if r, ok := calibrate.Measure((*hpetReference)(h)); ok {
				return r
			}
		}
	}
	if p := (pmReference{register: fixed.Timer, bits: fixed.TimerBits}); p.counts() {
		if r, ok := calibrate.Measure(p); ok {
			return r
		}
	}
	if hz := toldTSCHz(); hz != 0 {
		if r, ok := calibrate.Measure(tscReference(hz)); ok {
			return r
		}
	}
	machine.Problem("no timer whose rate is known: the time is a guess")
	return calibrate.Rates{TSC: fallbackTSCHz, APIC: fallbackTSCHz}
}

// look reads the counters around what reads the reference.
func look(reference func(l *calibrate.Look)) (l calibrate.Look) {
	l.Before = tsc()
	reference(&l)
	l.APIC = apicCount()
	l.After = tsc()
	return l
}

type pitReference struct{}

func (pitReference) Hz() uint64 { return pitHz }

func (pitReference) Restart() {
	out8(pitCommand, pitOnce)
	out8(pitChannel0, 0xff)
	out8(pitChannel0, 0xff)
	apicStart()
}

func (pitReference) Look() calibrate.Look {
	return look(func(l *calibrate.Look) {
		out8(pitCommand, pitReadBoth)
		l.Over = in8(pitChannel0)&pitOut != 0
		lo := in8(pitChannel0)
		l.Reference = 0xffff - (uint32(lo) | uint32(in8(pitChannel0))<<8)
	})
}

type hpetReference eventTimer

func (h *hpetReference) Hz() uint64 { return 1_000_000_000_000_000 / uint64(h.period) }

func (h *hpetReference) Restart() { apicStart() }

func (h *hpetReference) Look() calibrate.Look {
	return look(func(l *calibrate.Look) { l.Reference = h.regs.Read32(hpetCounter) })
}

// pmReference is the power management timer (ACPI 6.5, 4.8.2.1), of 24 or 32 bits. Its
// counts are shifted up, so that 24 of them turn over where a uint32 does.
type pmReference struct {
	register acpi.Register
	bits     int
}

func (p pmReference) shift() int { return 32 - p.bits }

func (p pmReference) Hz() uint64 { return acpi.TimerHz << p.shift() }

func (p pmReference) Restart() { apicStart() }

func (p pmReference) Look() calibrate.Look {
	return look(func(l *calibrate.Look) { l.Reference = p.count() })
}

func (p pmReference) count() uint32 { return in32(uint16(p.register.Addr)) << p.shift() }

// counts tells whether there is one, at a port as on all PCs.
func (p pmReference) counts() bool {
	if p.register.Space != acpi.InIO {
		return false
	}
	from := p.count()
	for range maxCountReads {
		if p.count() != from {
			return true
		}
	}
	return false
}

// tscReference is the time stamp counter, by its rate.
type tscReference uint64

const tscShift = 8 // what counts 10 GHz turns over after 109 s

func (t tscReference) Hz() uint64 { return uint64(t) >> tscShift }

func (tscReference) Restart() { apicStart() }

func (tscReference) Look() calibrate.Look {
	return look(func(l *calibrate.Look) { l.Reference = uint32(tsc() >> tscShift) })
}

// cpu_amd64.s
func cpuid(leaf, subleaf uint32) (a, b, c, d uint32)

// toldTSCHz is what the processor says of its time stamp counter, 0 for nothing (Intel SDM volume 2,
// CPUID leaves 15H and 16H). Emulators and hypervisors are not believed: QEMU's says what is not so.
func toldTSCHz() uint64 {
	const ratio, frequencies, mega = 0x15, 0x16, 1_000_000
	most, _, _, _ := cpuid(0, 0)
	if hasHypervisor() || most < ratio {
		return 0
	}
	denominator, numerator, crystal, _ := cpuid(ratio, 0)
	if denominator == 0 || numerator == 0 {
		return 0
	}
	if crystal != 0 {
		return uint64(crystal) * uint64(numerator) / uint64(denominator)
	}
	if most < frequencies {
		return 0
	}
	base, _, _, _ := cpuid(frequencies, 0)
	return uint64(base&0xffff) * mega
}
