//go:build tamago

package machine

import (
	"math"
	_ "unsafe" // go:linkname

	"gasp/netlog"
)

// PollInterval is how long the machine sleeps at the most, in ns: the logger
// retries what it could not send, and answers ARP; the watchdog's timer is wound
// up before it runs out (windBefore).
const PollInterval = 40_000_000

// lastTick is when the first processor's timer interrupted last.
var lastTick int64

// setAlarm asks for an interrupt of this processor, number cpu, at the given time.
// The first one's comes every PollInterval, however often it is set anew.
//
//go:linkname setAlarm runtime/goos.Alarm
func setAlarm(cpu uint64, at int64) {
	if cpu == 0 {
		at = min(at, lastTick+PollInterval)
		if due := netlog.Default().Deadline(); due != 0 {
			at = min(at, due+bootTime)
		}
	}
	alarm(at)
}

// Tick is the timer interrupt's part of the first processor: it is time to look after the
// network.
func Tick() {
	lastTick = nanotime()
	alive()
	poll()
	tickFrames()
	if onTick != nil {
		onTick()
	}
}

// onTick is the program's part of the timer interrupt.
var onTick func()

// OnTick makes f part of the first processor's timer interrupt, every 40 ms at least;
// nil takes it away. f runs below the scheduler with interrupts off: it must not
// allocate, wait or store pointers.
func OnTick(f func()) { onTick = f }

// sleep waits for an interrupt, at the latest until the given time.
//
//go:linkname sleep runtime/goos.Sleep
func sleep(cpu uint64, until int64) {
	if cpu == 0 {
		alive()
		poll()
		arm()
		if frames.woken.Load() != 0 {
			return // there is work
		}
	}
	setAlarm(cpu, until)
	wait()
}

// idle is sleep on TamaGo's toolchain, where 0 is never.
func idle(until int64) {
	if until == 0 {
		until = math.MaxInt64
	}
	lastTick = nanotime() // it polls here, and not in the interrupt
	sleep(0, until)
}
