//go:build tamago

package machine

import (
	_ "unsafe" // go:linkname

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
	count    uint32 // ticks so far
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
const reportLimit = 4_000_000_000 / TickNs

const (
	windAfter  = 20_000_000    // ns: more often would only cost
	windBefore = 50_000_000    // ns: later, the tick may be under way
	tickLost   = 2_000_000_000 // ns: it will not come any more
)

// TickNs is how long a tick's timer runs at the most, in ns.
const TickNs = 54_925_401 // what a PC's interval timer can count

// TicksBegin is called when a timer ticks: from now on the watchdog watches, if the command line wants it.
func TicksBegin() {
	if settings.Watchdog != 0 {
		watchdog.limit = uint32(max(2, uint64(settings.Watchdog)*1_000_000_000/TickNs))
	}
}

// ExpectStray tells that a tick may come although the timer has not run out.
func ExpectStray() { watchdog.stray = true }

// Ticks counts the ticks.
//
//go:noinline
func Ticks() uint32 { return watchdog.count }

// watchdogNanos is how long the kernel lets goroutines stall, in ns; 0 for ever.
//
//go:linkname watchdogNanos runtime/goos.Watchdog
func watchdogNanos() int64 { return int64(settings.Watchdog) * 1_000_000_000 }

// Touch is a sign of life from what is slow with interrupts off.
//
//go:nosplit
func Touch() { cpuSigns[thisCPU()]++ }

var cpuSigns [MaxCPUs]uint32

// signs counts a processor's signs of life, besides interrupts.
//
//go:linkname signs runtime/goos.Signs
func signs(cpu uint64) uint32 { return cpuSigns[cpu%MaxCPUs] }

// alive is the sign of life of the timer interrupt. It winds the timer up, unless
// a tick may be under way.
func alive() {
	Touch()
	w, now := &watchdog, nanotime()
	reloadWatchdog(now)
	if w.limit == 0 {
		return
	}
	before := w.wound
	if since := now - before; since < windAfter || since > windBefore && since < tickLost {
		return
	}
	w.winding = true
	w.wound = nanotime()
	stray := armTick(TickNs)
	w.stray = stray || nanotime()-before > windBefore // somebody stopped us in between
	w.winding = false
	if w.undecided {
		w.undecided = false
		interruptSelf()
	}
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
	w.count++
	w.wound = nanotime()
	if armTick(TickNs) {
		w.stray = true
	}
	reloadWatchdog(w.wound)
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
	if s := cpuSigns[thisCPU()]; s != w.seen {
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
