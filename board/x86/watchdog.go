//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/netlog"
)

// The local APIC's interrupt pins (Intel SDM volume 3, 11.5.1).
const (
	apicID      = 0x020
	apicICR     = 0x300
	apicICRHigh = 0x310 // destination
	apicLINT0   = 0x350
	lintStride  = 0x010
	deliverNMI  = 4 << 8
	icrAssert   = 1 << 14
)

// admitNMIs lets non-maskable interrupts from outside in, to the processor that it
// runs on, at one of its pins. The other one, behind which are the PC's old interrupt
// controllers, is masked: nobody serves those, and QEMU's processors may overlook an
// NMI that comes together with a change there (both come of the interval timer).
func admitNMIs(rsdp uint64) {
	where, _ := acpi.ParseMADT(at, rsdp)
	for pin := range uint32(2) {
		entry := uint32(lvtMasked)
		if pin == uint32(where.LINT) {
			entry = deliverNMI
		}
		apic.Write32(apicLINT0+lintStride*pin, entry)
	}
}

// startWatchdog makes non-maskable interrupts to look for hangs, if the command
// line wants it.
func startWatchdog(rsdp uint64) {
	where, _ := acpi.ParseMADT(at, rsdp)
	settings := machine.Settings()
	if settings.Watchdog == 0 {
		return
	}
	if machine.Bare {
		return // its handlers cannot go on after a non-maskable interrupt
	}
	if settings.Panic != 0 { // otherwise the machine is to stay as it is
		startTCO(uint64(settings.Watchdog) * 1_000_000_000)
	}
	if !startTick(where, rsdp) {
		netlog.Default().Log(netlog.Notice, "no timer makes non-maskable interrupts: a hang with interrupts off is not noticed")
		return
	}
	machine.TicksBegin()
}

// winding is how the timer that ticks is wound up. On a machine that is well no tick comes. So an
// interrupt from outside does not coincide with one, which would hide it.
var winding struct {
	at        int64 // when, in ns: not later than the timer began to run
	now       bool  // it is being wound up: whose an interrupt is cannot be told
	undecided bool  // one came meanwhile
	stray     bool  // a tick may come although the timer has not run out
}

const (
	windAfter  = 20_000_000    // ns: more often would only cost
	windBefore = 50_000_000    // ns: later, the tick may be under way
	tickLost   = 2_000_000_000 // ns: it will not come any more
)

// windTick winds the timer up, unless a tick may be under way.
//
//go:linkname windTick gasp/board/machine.windTick
func windTick(now int64) {
	w := &winding
	before := w.at
	if since := now - before; since < windAfter || since > windBefore && since < tickLost {
		return
	}
	w.now = true
	w.at = nanotime()
	stray := armTick(tickNs)
	w.stray = stray || nanotime()-before > windBefore // somebody stopped us in between
	w.now = false
	if w.undecided {
		w.undecided = false
		interruptSelf()
	}
}

// interruptSelf makes a non-maskable interrupt, in place of one that could not be
// told from a tick.
func interruptSelf() {
	apic.send(apic.id(), deliverNMI|icrAssert)
}

// nmi is called at a non-maskable interrupt, whatever it interrupted, and says
// what is to be done.
//
//go:linkname nmi runtime/goos.NMI
func nmi() machine.Verdict {
	w := &winding
	switch {
	case w.now && !netlog.Default().Crashed():
		w.undecided = true
		return machine.GoOn
	case !tickExpired():
		if w.stray || tickTurned() {
			w.stray = false
			return machine.GoOn
		}
		return machine.Outside()
	}
	w.at = nanotime()
	if armTick(tickNs) {
		w.stray = true
	}
	return machine.Ticked()
}
