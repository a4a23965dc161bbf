//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// fixed is what the ACPI tables say of the machine's fixed parts, all zero if they say nothing.
var (
	fixed      acpi.Fixed
	fixedError error
)

// powerRegisters are those of fixed.Power that are in memory: mapped while that can be done.
var powerRegisters struct {
	reset reg.MMIO
	off   [2]reg.MMIO
}

// openPower makes registers in memory accessible.
func openPower() {
	open := func(w acpi.Write, r *reg.MMIO) {
		if w.Space != acpi.InMemory {
			return
		}
		if m := Window(w.Addr, uint64(w.Bits/8)); m != nil {
			*r = *m
		}
	}
	p := &powerRegisters
	open(fixed.Power.Reset, &p.reset)
	for i := range p.off {
		open(fixed.Power.Off[i], &p.off[i])
	}
}

// Reset ways of a PC besides ACPI's: the chipset's reset control register (Intel
// ICH9 data sheet, 13.7.5) and the keyboard controller's pulse.
const (
	resetControl    = 0xcf9
	resetPrepare    = 0x02 // of the system; it comes when the next bit is set
	resetHard       = 0x06
	keyboardCommand = 0x64
	keyboardPulse   = 0xfe
	keyboardBusy    = 1 << 1
	maxKeyboard     = 100_000 // polls

	settle = 50_000_000 // ns until the machine is gone
)

// reset tries one way after the other; the last needs nothing but the processor.
// Memory keeps its contents, and gets what is still in the caches.
//
//go:linkname reset gasp/board/machine.reset
func reset() {
	writeBack()
	if writePower(fixed.Power.Reset, &powerRegisters.reset) {
		machine.Pause(settle)
	}
	out8(resetControl, resetPrepare)
	out8(resetControl, resetHard)
	machine.Pause(settle)
	if !fixed.NoKeyboard {
		for n := 0; in8(keyboardCommand)&keyboardBusy != 0 && n < maxKeyboard; n++ {
		}
		out8(keyboardCommand, keyboardPulse)
		machine.Pause(settle)
	}
	tripleFault()
}

// maxModePolls is how often it is looked whether the firmware has left the power registers
// to the system: it takes milliseconds, a look one microsecond.
const maxModePolls = 1_000_000

//go:linkname powerOff gasp/board/machine.powerOff
func powerOff() {
	p := &fixed.Power
	if control := p.Off[0]; p.Mode.Space == acpi.InIO && control.Space == acpi.InIO && control.Bits == 16 {
		port := uint16(control.Addr)
		if in16(port)&acpi.PM1Enabled == 0 {
			out8(uint16(p.Mode.Addr), uint8(p.Mode.Value))
			for n := 0; in16(port)&acpi.PM1Enabled == 0 && n < maxModePolls; n++ {
			}
		}
	}
	off := p.Off
	for i, w := range off {
		if w.Space == acpi.InIO && w.Bits == 16 {
			off[i].Value |= uint32(in16(uint16(w.Addr)) & acpi.PM1Keep)
			// The kind of sleep comes before what begins it: some chipsets do not take both at once (ACPICA,
			// components/hardware/hwsleep.c).
			w.Value = off[i].Value &^ acpi.PM1SleepEnable
			writePower(w, nil)
		}
	}
	for i, w := range off {
		if writePower(w, &powerRegisters.off[i]) {
			machine.Pause(settle)
		}
	}
}

// writePower writes to a register, at regs if it is in memory, and tells whether there is one.
func writePower(w acpi.Write, regs *reg.MMIO) bool {
	switch {
	case w.Space == acpi.InIO && w.Bits == 16:
		out16(uint16(w.Addr), uint16(w.Value))
	case w.Space == acpi.InIO:
		out8(uint16(w.Addr), uint8(w.Value))
	case w.Space == acpi.InMemory && w.Bits == 16:
		regs.Write16(0, uint16(w.Value))
	case w.Space == acpi.InMemory:
		regs.Write8(0, uint8(w.Value))
	case w.Space == acpi.InPCI:
		if dev, fn, off := w.PCI(); configSelect(0, dev, fn, off) {
			out8(configData+off&3, uint8(w.Value))
		}
	default:
		return false
	}
	return true
}
