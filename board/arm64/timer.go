//go:build tamago

package arm64

import (
	"math/bits"
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// The generic timer (Arm ARM, D11.2): the virtual counter, and the virtual timer, which every exception level has.
const (
	// TimerIRQ is the timer's interrupt: private, as the Base System Architecture has it (DEN0094, 3.8).
	TimerIRQ = 27

	nsPerSecond = 1_000_000_000
)

// cpu_arm64.s
func readCounter() uint64
func readFrequency() uint64
func setTimer(at uint64)
func stopTimer()

// StopTimer ends the alarm.
func StopTimer() { stopTimer() }
func timerExpired() bool
func waitForInterrupt()

// clock turns the counter into time: ns = offset + ticks * scale / 2^32.
var clock struct {
	scale  uint64
	offset int64
	hz     uint64
}

// startClock starts the clock, which no one has to set: it counts from the machine's start. Where nobody said how fast,
// it is QEMU's rate.
func startClock() {
	clock.hz = readFrequency()
	if clock.hz == 0 {
		clock.hz = 62_500_000
	}
	clock.scale = nsPerSecond << 32 / clock.hz
}

//go:linkname nanotime runtime/goos.Nanotime
//go:nosplit
func nanotime() int64 { return clock.offset + ticksToNs(readCounter()) }

//go:nosplit
func ticksToNs(t uint64) int64 {
	hi, lo := bits.Mul64(t, clock.scale)
	return int64(hi<<32|lo>>32) + 1 // Go's runtime wants it never to be 0
}

//go:linkname counter gasp/board/machine.counter
func counter() uint64 { return readCounter() }

// Counter is the virtual counter.
func Counter() uint64 { return readCounter() }

// alarm asks for an interrupt at the given time, after machine.PollInterval at the latest.
//
//go:linkname alarm gasp/board/machine.alarm
func alarm(at int64) {
	const atLeast = 1_000 // ns; shorter ones would only cost
	ns := min(max(at-nanotime(), atLeast), machine.PollInterval)
	setTimer(readCounter() + uint64(ns)*clock.hz/nsPerSecond)
}

// wait returns after an interrupt: when one is pending, masked or not.
//
//go:linkname wait gasp/board/machine.wait
func wait() {
	waitForInterrupt()
	if machine.Bare {
		interrupt(0, 0) // nobody else does
	}
}
