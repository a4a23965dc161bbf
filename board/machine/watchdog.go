//go:build tamago

package machine

import (
	_ "unsafe" // go:linkname

	"gasp/board/bootparam"
	"gasp/netlog"
)

// A Verdict is what an interrupt that masks do not stop means, as the runtime's kernel numbers it (goos.NMI).
type Verdict = uint64

// Verdicts.
const (
	GoOn   Verdict = iota // nothing to report
	Report                // report, and go on
	Die                   // somebody outside wants the machine to stop
	Hung                  // the processor is hung
)

// watchdog counts ticks without a sign of life of the processor that they come to.
// Ticks and not time: a machine that was paused is not hung. On a machine that is well
// none comes: the timer interrupt winds the timer up again before (windTick).
var watchdog struct {
	count    uint32 // ticks so far
	limit    uint32 // ticks that are a hang; 0: not watching
	quiet    uint32 // ticks since the last sign of life
	seen     uint32 // signs of life, at the last tick
	progress uint64 // of the report, at the last tick
}

// reportLimit is how many ticks a report may stand still at the least: longer than
// any single call of a driver takes, 2.1 s.
const reportLimit = 4_000_000_000 / TickNs

// TickNs is how long a tick's timer runs at the most, in ns.
const TickNs = 54_925_401 // what a PC's interval timer can count

// TicksBegin is called when a timer ticks: from now on the watchdog watches, if the command line wants it.
func TicksBegin() {
	if settings.Watchdog != 0 {
		watchdog.limit = uint32(max(2, uint64(settings.Watchdog)*1_000_000_000/TickNs))
	}
}

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

// alive is the sign of life of the timer interrupt. It winds the timer that ticks up.
func alive() {
	Touch()
	now := nanotime()
	reloadWatchdog(now)
	if watchdog.limit != 0 {
		windTick(now)
	}
}

// stamp is the logger's clock. Where nothing ticks it is what a report's progress is told by to a watchdog of the hardware: each of its
// lines asks for the time.
func stamp() int64 {
	if watchdog.limit == 0 && netlog.Default().Crashed() {
		reloadWatchdog(nanotime())
	}
	return Now()
}

// Ticked is called at a tick, whatever that interrupted, once the timer runs again, and says what is to be done.
func Ticked() Verdict {
	w, l := &watchdog, netlog.Default()
	w.count++
	reloadWatchdog(nanotime())
	if w.limit == 0 { // the first tick, that shows that there are any
		return GoOn
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
		return GoOn
	}
	w.quiet = 0
	return Hung
}

// Outside decides about an interrupt of that kind that is not ours. A report under
// way is what it would ask for.
func Outside() Verdict {
	switch {
	case settings.NMI == bootparam.NMIIgnore, netlog.Default().Crashed():
		return GoOn
	case settings.NMI == bootparam.NMIReport:
		return Report
	}
	return Die
}
