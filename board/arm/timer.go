//go:build tamago && arm

package arm

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// The generic timer (ARM ARM ARMv7-A, chapter B8): the physical counter, and the world's physical
// timer (world.go).
const nsPerSecond = 1_000_000_000

// cpu_arm.s
func readCounter() uint64
func readFrequency() uint32
func writeFrequency(hz uint32)
func setTimer(ticks uint32)
func stopTimer()
func waitForInterrupt()
func framePointer() uintptr

// clock turns the counter into time: ns = ticks * (whole + fraction / 2^32).
var clock struct {
	start           uint64 // the counter at the start of the image, as far as it is known
	whole, fraction uint32 // ns of a tick
	hz              uint32
	date            int64 // ns since 1970, at start
}

// SetFrequency sets CNTFRQ, the counter's rate in Hz, where no loader has. It is for the secure world.
func SetFrequency(hz uint32) { writeFrequency(hz) }

// StartClock starts the clock. hz is the counter's rate, if the loader did not say it, date the time
// in ns since 1970, 0 if nobody knows.
func StartClock(hz uint32, date int64) {
	clock.date = max(date, 1) // Go's runtime wants it never to be 0
	if f := readFrequency(); f != 0 {
		hz = f
	} else if !NonSecure() {
		writeFrequency(hz)
	}
	clock.hz = hz
	clock.whole = nsPerSecond / hz
	clock.fraction = uint32(uint64(nsPerSecond%hz) << 32 / uint64(hz))
	clock.start = readCounter()
}

// nanotime is the time in ns since 1970, as far as the board knows the date.
//
//go:linkname nanotime gasp/board/machine.nanotime
//go:nosplit
func nanotime() int64 {
	t := readCounter() - clock.start
	lo := uint64(uint32(t)) * uint64(clock.fraction) >> 32
	return int64(t*uint64(clock.whole)+(t>>32)*uint64(clock.fraction)+lo) + clock.date
}

// Time is that of the runtime, in ns since 1970.
func Time() int64 { return nanotime() }

//go:linkname counter gasp/board/machine.counter
func counter() uint64 { return readCounter() }

// alarm asks for an interrupt at the given time, after machine.PollInterval at the latest.
//
//go:linkname alarm gasp/board/machine.alarm
func alarm(at int64) {
	const atLeast = 1_000 // ns; shorter ones would only cost
	ns := min(max(at-nanotime(), atLeast), machine.PollInterval)
	setTimer(uint32(uint64(ns) * uint64(clock.hz) / nsPerSecond))
}

//go:linkname wait gasp/board/machine.wait
func wait() {
	waitForInterrupt()
	if machine.Bare {
		interrupt(0, 0) // nobody else does
	}
}

//go:linkname fp gasp/board/machine.framePointer
func fp() uintptr { return framePointer() }

// HandleIRQ is what the board does about the interrupts of its devices; it tells whether it knows
// the interrupt. It runs with interrupts off.
var HandleIRQ func(id uint32) bool

// interrupt handles all that are pending. It is the timer's, unless it is a device's. It is time
// to look after the network then.
//
//go:linkname interrupt runtime/goos.Interrupt
func interrupt(_, _ uint64) (kick bool) {
	kick = true
	for range maxPending {
		switch id := takeInterrupt(); {
		case id >= noInterrupt:
			return kick
		case id == timerIRQ():
			kick = false
			stopTimer()
			machine.Tick()
		case fiqs[id/32]&(1<<(id%32)) != 0: // it comes again, as one
		case HandleIRQ == nil || !HandleIRQ(id):
			DisableIRQ(id) // nobody would make it let go
		}
	}
	return kick
}

// maxPending bounds the interrupts that are handled at once.
const maxPending = 64

const (
	trialWait = 500_000_000 // ns: an emulator may be late
	trialLook = 1_000_000   // ns: what is longer than a look counts as one
	maxLooks  = 1 << 24
)

// canDoze tells whether the timer can wake the processor: WFI returns when its interrupt is
// pending, masked or not. Whatever was being handled is taken for done. What died may have written to the interrupt controller: so that is tried.
//
//go:linkname canDoze gasp/board/machine.canDoze
func canDoze() bool {
	for i := range uint32(32) { // all but the private ones
		if i > 0 {
			distributor.Write32(gicdICENABLER+4*i, ^uint32(0))
		}
	}
	if !acknowledgeAll() {
		return false
	}
	EnableIRQ(timerIRQ())
	cpuInterface.Write32(giccPMR, anyPriority)
	alarm(0)
	waited, last := int64(0), nanotime()
	for n := 0; n < maxLooks && waited < trialWait; n++ {
		if takeInterrupt() == timerIRQ() {
			stopTimer()
			return true
		}
		now := nanotime()
		waited += min(now-last, trialLook)
		last = now
	}
	stopTimer()
	return false
}

// doze sleeps until the given time, machine.PollInterval at the most.
//
//go:linkname doze gasp/board/machine.doze
func doze(until int64) {
	alarm(until)
	waitForInterrupt()
	stopTimer()
	acknowledgeAll()
}

// acknowledgeAll takes what is pending, and does nothing about it.
func acknowledgeAll() bool {
	for range maxPending {
		if takeInterrupt() >= noInterrupt {
			return true
		}
	}
	return false
}
