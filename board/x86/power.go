//go:build tamago

package x86

import (
	"math"
	"strconv"

	"gasp/board/acpi"
	"gasp/netlog"
)

// fixed is what the ACPI tables say of how this machine is switched off and reset.
var fixed acpi.Fixed

// panicSeconds is panic=: what follows a crash. 0 stays, n resets after n
// seconds, less than 0 at once.
var panicSeconds int

// exits counts the calls of exit: a fault in the last report or behind it leads
// here again. From some number on the logger is left alone.
var exits int

const maxExits = 20

// exit ends the program: off after a success, else what panic= says.
func exit(code int32) {
	l := netlog.Default()
	exits++
	if !l.Crashed() { // TamaGo's toolchain does not announce an exit
		var room [32]byte
		text := strconv.AppendInt(append(room[:0], "exit status "...), int64(code), 10)
		l.Crash(&netlog.Cause{Text: text})
	}
	if exits <= maxExits {
		l.End()
	}
	switch {
	case code == 0:
		l.EndAsOrdered()
		l.Forget()
		powerOff()
	case panicSeconds < 0:
		reset()
	case panicSeconds > 0:
		stay(nanotime() + int64(panicSeconds)*1_000_000_000)
		reset()
	}
	stay(math.MaxInt64)
}

// stay keeps the dead machine on the network until the given time: it answers
// ARP, and sends its headline again.
func stay(until int64) {
	wakes := canDoze()
	for nanotime() < until {
		alive()
		if exits <= maxExits {
			netlog.Default().Poll()
		}
		if wakes {
			doze(until)
		} else {
			pause(pollInterval)
		}
	}
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

// reset tries one way after the other; the last needs nothing but the processor.
// Memory keeps its contents, and gets what is still in the caches.
func reset() {
	writeBack()
	writePower(fixed.Power.Reset)
	out8(resetControl, resetHard)
	pause(settle)
	out8(keyboardCommand, keyboardPulse)
	pause(settle)
	tripleFault()
}

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
	pause(settle)
}
