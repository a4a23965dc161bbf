//go:build tamago && amd64

package x86

import (
	"encoding/binary"
	"math/bits"
	_ "unsafe" // go:linkname

	"github.com/usbarmory/tamago/soc/intel/rtc"

	"gasp/board/machine"
	"gasp/board/x86/calibrate"
)

// clock turns the time stamp counter into time: ns = wallStart + ticks *
// multiplier / 2^32.
var clock struct {
	tscStart   uint64
	wallStart  int64  // ns since 1970
	multiplier uint64 // ns per tick, 32.32
	hz         uint64
	apicHz     uint64 // of the local APIC's timer, divided by 1
}

//go:linkname nanotime runtime/goos.Nanotime
//go:nosplit
func nanotime() int64 {
	hi, lo := bits.Mul64(tsc()-clock.tscStart, clock.multiplier)
	return clock.wallStart + int64(hi<<32|lo>>32)
}

// uptime is the time since the image's first instruction, in ns.
func uptime() int64 { return nanotime() - clock.wallStart }

// The 8254 interval timer (Intel 8254 data sheet), channel 0 counting down once.
// Its interrupt is masked; a microvm has no gate for channel 2.
const (
	pitHz       = calibrate.IntervalHz
	pitChannel0 = 0x40
	pitCommand  = 0x43
	pitOnce     = 0x30 // channel 0, both bytes, mode 0
	pitLatch    = 0x00
	pitReadBoth = 0xc2 // status and count of channel 0

	fallbackTSCHz = 1_000_000_000
)

// startClock calibrates the TSC and the APIC timer, and reads the wall clock.
func startClock() {
	r, ok := calibrate.Measure(calibrationTimers{})
	if !ok {
		machine.Problem("no interval timer: the time is a guess")
		r = calibrate.Rates{TSC: fallbackTSCHz, APIC: fallbackTSCHz}
	}
	clock.hz, clock.apicHz = r.TSC, r.APIC
	clock.multiplier = mulDiv(1_000_000_000, 1<<32, clock.hz)
	clock.tscStart = entered()
	clock.wallStart = wallTime() - uptime()
}

// enteredAt is where cpuinit leaves what the time stamp counter was at the image's first
// instruction (boot_amd64.s).
const enteredAt = 0x2009048

func entered() uint64 { return binary.LittleEndian.Uint64(at(enteredAt, 8)) }

func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	q, _ := bits.Div64(hi%c, lo, c)
	return q
}

// calibrationTimers are what package calibrate looks at.
type calibrationTimers struct{}

func (calibrationTimers) Restart() {
	out8(pitCommand, pitOnce)
	out8(pitChannel0, 0xff)
	out8(pitChannel0, 0xff)
	apicStart()
}

func (calibrationTimers) Look() (l calibrate.Look) {
	l.Before = tsc()
	out8(pitCommand, pitReadBoth)
	l.Over = in8(pitChannel0)&pitOut != 0
	lo := in8(pitChannel0)
	l.Interval = uint16(lo) | uint16(in8(pitChannel0))<<8
	l.APIC = apicCount()
	l.After = tsc()
	return l
}

func pitCount() uint16 {
	out8(pitCommand, pitLatch)
	lo := in8(pitChannel0)
	return uint16(lo) | uint16(in8(pitChannel0))<<8
}

// wallTime reads the real-time clock, in ns since 1970; 0 if it does not answer.
func wallTime() int64 {
	const maxReads = 1000 // an update lasts 2 ms at the most
	clock := rtc.RTC{}
	for range maxReads {
		if t, err := clock.Now(); err == nil {
			return t.UnixNano()
		}
	}
	return 0
}
