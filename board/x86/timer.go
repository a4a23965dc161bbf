//go:build tamago

package x86

import (
	"math"
	_ "unsafe" // go:linkname

	"gasp/drivers/reg"
	"gasp/netlog"
)

// The local APIC and its timer (Intel SDM volume 3, 11.4 and 11.5.4).
const (
	apicBase = 0xfee00000
	apicSize = 0x400

	apicEOI          = 0x0b0
	apicSVR          = 0x0f0
	apicLVTTimer     = 0x320
	apicInitialCount = 0x380
	apicCurrentCount = 0x390
	apicDivide       = 0x3e0

	svrEnable   = 1 << 8
	svrSpurious = 0xff
	lvtMasked   = 1 << 16
	divideBy1   = 0xb

	timerVector = 80
)

// apic is not a pointer to heap memory: interrupt handlers use it.
var apic = reg.MMIO{Base: apicBase, Size: apicSize}

// apicStart counts down from all ones, without an interrupt.
func apicStart() {
	apic.Write32(apicSVR, svrEnable|svrSpurious)
	apic.Write32(apicLVTTimer, lvtMasked|timerVector)
	apic.Write32(apicDivide, divideBy1)
	apic.Write32(apicInitialCount, ^uint32(0))
}

func apicCount() uint32 { return apic.Read32(apicCurrentCount) }

// pollInterval is how long the machine sleeps at the most, in ns: the logger
// retries what it could not send, and answers ARP; the watchdog's timer is wound
// up before it runs out (windBefore).
const pollInterval = 40_000_000

// lastTick is when the first processor's timer interrupted last.
var lastTick int64

// setAlarm asks for an interrupt of this processor, number cpu, at the given time.
// The first one's comes every pollInterval, however often it is set anew.
//
//go:linkname setAlarm runtime/goos.Alarm
func setAlarm(cpu uint64, at int64) {
	if cpu == 0 {
		at = min(at, lastTick+pollInterval)
		if due := netlog.Default().Deadline(); due != 0 {
			at = min(at, due+clock.wallStart)
		}
	}
	alarm(at)
}

// alarm asks for an interrupt at the given time, after pollInterval at the latest.
func alarm(at int64) {
	const atLeast = 1_000 // ns; shorter ones would only cost
	ns := min(max(at-nanotime(), atLeast), pollInterval)
	ticks := mulDiv(uint64(ns), clock.apicHz, 1_000_000_000)
	apic.Write32(apicLVTTimer, timerVector)
	apic.Write32(apicInitialCount, uint32(min(max(ticks, 1), 1<<32-1)))
}

// interrupt is the timer's, unless it is a kick or the network device's. On the first
// processor it is time to look after the network then.
//
//go:linkname interrupt runtime/goos.Interrupt
func interrupt(cpu, vector uint64) (kick bool) {
	if vector >= frameVector && vector < frameVector+maxLines {
		frameInterrupt(int(vector - frameVector))
		apic.Write32(apicEOI, 0) // once the device has let go of its line
		return true
	}
	if vector != svrSpurious {
		apic.Write32(apicEOI, 0)
	}
	if vector == kickVector {
		return true
	}
	if cpu == 0 {
		lastTick = nanotime()
		alive()
		poll()
		tickFrames()
		if onTick != nil {
			onTick()
		}
	}
	return false
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
	sleep(0, until)
}
