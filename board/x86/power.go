//go:build tamago

package x86

import (
	"strconv"

	"gasp/board/acpi"
	"gasp/netlog"
)

// machine is how this one is switched off and reset, by its ACPI tables.
var machine acpi.Power

// panicSeconds is panic=: what follows a crash. 0 stays, n reboots after n
// seconds, less than 0 at once.
var panicSeconds int

// exit ends the program: off after a success, else what panic= says.
func exit(code int32) {
	l := netlog.Default()
	if !l.Crashed() { // TamaGo's toolchain does not announce an exit
		var room [32]byte
		text := strconv.AppendInt(append(room[:0], "exit status "...), int64(code), 10)
		l.Crash(&netlog.Cause{Text: text})
	}
	l.End()
	if code == 0 {
		powerOff()
	} else if panicSeconds != 0 {
		pause(int64(panicSeconds) * 1_000_000_000)
		reset()
	}
	stop()
}

// pause waits ns with interrupts off.
func pause(ns int64) {
	for end := nanotime() + ns; nanotime() < end; {
	}
}

// Reset ways of a PC besides ACPI's: the chipset's reset control register (Intel
// ICH9 data sheet, 13.7.5) and the keyboard controller's pulse.
const (
	resetControl    = 0xcf9
	resetHard       = 0x06
	keyboardCommand = 0x64
	keyboardPulse   = 0xfe

	settle = 50_000_000 // ns until the machine is gone
)

func reset() {
	writePower(machine.Reset, machine.ResetValue)
	out8(resetControl, resetHard)
	pause(settle)
	out8(keyboardCommand, keyboardPulse)
	pause(settle)
}

func powerOff() {
	writePower(machine.Off, machine.OffValue)
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
	pause(settle)
}
