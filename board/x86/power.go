//go:build tamago

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/machine"
)

// power is how this machine is switched off and reset, by its ACPI tables.
var power acpi.Power

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
	writePower(power.Reset, power.ResetValue)
	out8(resetControl, resetHard)
	machine.Pause(settle)
	out8(keyboardCommand, keyboardPulse)
	machine.Pause(settle)
	tripleFault()
}

//go:linkname powerOff gasp/board/machine.powerOff
func powerOff() {
	writePower(power.Off, power.OffValue)
}

func writePower(r acpi.Register, v uint16) {
	switch {
	case r.Addr == 0:
		return
	case r.IO && r.Bits == 16:
		out16(uint16(r.Addr), v)
	case r.IO:
		out8(uint16(r.Addr), uint8(v))
	default:
		if b := at(r.Addr, 1); b != nil {
			b[0] = uint8(v)
		}
	}
	machine.Pause(settle)
}
