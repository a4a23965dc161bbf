//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/machine"
)

// fixed is what the ACPI tables say of how this machine is switched off and reset.
var fixed acpi.Fixed

// Reset ways of a PC besides ACPI's: the chipset's reset control register (Intel
// ICH9 data sheet, 13.7.5) and the keyboard controller's pulse.
const (
	resetControl    = 0xcf9
	resetHard       = 0x06
	keyboardCommand = 0x64
	keyboardPulse   = 0xfe

	settle = 50_000_000 // ns until the machine is gone
)

// reset tries one way after the other; the last needs nothing but the processor.
// Memory keeps its contents, and gets what is still in the caches.
//
//go:linkname reset gasp/board/machine.reset
func reset() {
	writeBack()
	writePower(fixed.Power.Reset)
	out8(resetControl, resetHard)
	machine.Pause(settle)
	out8(keyboardCommand, keyboardPulse)
	machine.Pause(settle)
	tripleFault()
}

//go:linkname powerOff gasp/board/machine.powerOff
func powerOff() {
	for _, w := range fixed.Power.Off {
		writePower(w)
	}
}

func writePower(w acpi.Write) {
	switch {
	case w.Space == acpi.InIO && w.Bits == 16:
		out16(uint16(w.Addr), uint16(w.Value))
	case w.Space == acpi.InIO:
		out8(uint16(w.Addr), uint8(w.Value))
	case w.Space == acpi.InMemory:
		if b := at(w.Addr, 1); b != nil {
			b[0] = uint8(w.Value)
		}
	default:
		return
	}
	machine.Pause(settle)
}
