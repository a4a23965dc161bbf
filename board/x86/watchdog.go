//go:build tamago

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/bootparam"
	"gasp/netlog"
)

// Verdicts of nmi, as the runtime's kernel numbers them.
const (
	nmiGoOn   = iota // nothing to report
	nmiReport        // report, and go on
	nmiDie           // somebody outside wants the machine to stop
	nmiHung          // the processor is hung
)

// watchdog counts ticks without a sign of life of the processor that they come to.
// Ticks and not time: a machine that was paused is not hung.
//
// On a machine that is well none comes: the timer interrupt winds the timer up
// again before. So an interrupt from outside does not coincide with a tick, which
// would hide it.
var watchdog struct {
	limit    uint32 // ticks that are a hang; 0: not watching
	quiet    uint32 // ticks since the last sign of life
	seen     uint32 // signs of life, at the last tick
	progress uint64 // of the report, at the last tick

	wound     int64 // when the timer was wound up, in ns: not later than it began to run
	winding   bool  // it is being wound up: whose an interrupt is cannot be told
	undecided bool  // one came meanwhile
	stray     bool  // a tick may come although the timer has not run out
}

// reportLimit is how many ticks a report may stand still at the least: longer than
// any single call of a driver takes, 2.1 s.
const reportLimit = 4_000_000_000 / tickNs

const (
	windAfter  = 20_000_000    // ns: more often would only cost
	windBefore = 50_000_000    // ns: later, the tick may be under way
	tickLost   = 2_000_000_000 // ns: it will not come any more
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
	if settings.Watchdog == 0 {
		return
	}
	if bare {
		return // its handlers cannot go on after a non-maskable interrupt
	}
	if panicSeconds != 0 { // otherwise the machine is to stay as it is
		startTCO(uint64(watchdogNanos()))
	}
	if !startTick(where, rsdp) {
		netlog.Default().Log(netlog.Notice, "no timer makes non-maskable interrupts: a hang with interrupts off is not noticed")
		return
	}
	watchdog.limit = uint32(max(2, uint64(settings.Watchdog)*1_000_000_000/tickNs))
}

// watchdogNanos is how long the kernel lets goroutines stall, in ns; 0 for ever.
//
//go:linkname watchdogNanos runtime/goos.Watchdog
func watchdogNanos() int64 { return int64(settings.Watchdog) * 1_000_000_000 }

// touch is a sign of life from what is slow with interrupts off.
//
//go:nosplit
func touch() { cpus.signs[thisCPU()]++ }

// signs counts a processor's signs of life, besides interrupts.
//
//go:linkname signs runtime/goos.Signs
func signs(cpu uint64) uint32 { return cpus.signs[cpu%acpi.MaxCPUs] }

// alive is the sign of life of the timer interrupt. It winds the timer up, unless
// a tick may be under way.
func alive() {
	touch()
	w, now := &watchdog, nanotime()
	reloadTCO(now)
	if w.limit == 0 {
		return
	}
	before := w.wound
	if since := now - before; since < windAfter || since > windBefore && since < tickLost {
		return
	}
	w.winding = true
	w.wound = nanotime()
	stray := armTick(tickNs)
	w.stray = stray || nanotime()-before > windBefore // somebody stopped us in between
	w.winding = false
	if w.undecided {
		w.undecided = false
		interruptSelf()
	}
}

// interruptSelf makes a non-maskable interrupt, in place of one that could not be
// told from a tick.
func interruptSelf() {
	apic.Write32(apicICRHigh, apic.Read32(apicID))
	apic.Write32(apicICR, deliverNMI|icrAssert)
}

// nmi is called at a non-maskable interrupt, whatever it interrupted, and says
// what is to be done.
//
//go:linkname nmi runtime/goos.NMI
func nmi() uint64 {
	w, l := &watchdog, netlog.Default()
	switch {
	case w.winding && !l.Crashed():
		w.undecided = true
		return nmiGoOn
	case !tickExpired():
		if w.stray || tickTurned() {
			w.stray = false
			return nmiGoOn
		}
		return outside()
	}
	tick.count++
	w.wound = nanotime()
	if armTick(tickNs) {
		w.stray = true
	}
	reloadTCO(w.wound)
	if w.limit == 0 { // the first tick, that shows that there are any
		return nmiGoOn
	}
	limit := w.limit
	if l.Crashed() {
		limit = max(limit, reportLimit)
		if p := l.Progress(); p != w.progress {
			w.progress = p
			w.quiet = 0
		}
	}
	if s := cpus.signs[thisCPU()]; s != w.seen {
		w.seen = s
		w.quiet = 0
	}
	w.quiet++
	if w.quiet < limit {
		return nmiGoOn
	}
	w.quiet = 0
	return nmiHung
}

// outside decides about a non-maskable interrupt that is not ours. A report under
// way is what it would ask for.
func outside() uint64 {
	switch {
	case settings.NMI == bootparam.NMIIgnore, netlog.Default().Crashed():
		return nmiGoOn
	case settings.NMI == bootparam.NMIReport:
		return nmiReport
	}
	return nmiDie
}
