//go:build tamago && amd64

package x86

import (
	"math/bits"
	_ "unsafe" // go:linkname

	"gasp/board/rtc"
	"gasp/board/uefi"
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
	pitHz       = 1193182
	pitChannel0 = 0x40
	pitCommand  = 0x43
	pitOnce     = 0x30 // channel 0, both bytes, mode 0
	pitLatch    = 0x00
	pitReadBoth = 0xc2 // status and count of channel 0

	fallbackTSCHz = 1_000_000_000
)

// startClock calibrates the TSC and the APIC timer, and reads the wall clock.
func startClock() {
	r := measure(rootPointer())
	clock.hz, clock.apicHz = r.TSC, r.APIC
	clock.multiplier = mulDiv(1_000_000_000, 1<<32, clock.hz)
	clock.tscStart = entered
	clock.wallStart = wallStart()
}

// wallStart is the time of the image's first instruction, in ns since 1970: by the real-time clock, or by what UEFI firmware told the boot stub.
func wallStart() int64 {
	if t, ok := wallTime(); ok {
		return t - uptime()
	}
	if t, at, ok := uefi.Given.TimeOfDay(); ok {
		byFirmware = true
		hi, lo := bits.Mul64(clock.tscStart-at, clock.multiplier)
		return t + int64(hi<<32|lo>>32)
	}
	return notSet
}

// byFirmware means that the time of day is firmware's.
var byFirmware bool

// entered is what the time stamp counter was at the image's first instruction (boot_amd64.s).
var entered uint64

func mulDiv(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	q, _ := bits.Div64(hi%c, lo, c)
	return q
}

func pitCount() uint16 {
	out8(pitCommand, pitLatch)
	lo := in8(pitChannel0)
	return uint16(lo) | uint16(in8(pitChannel0))<<8
}

// notSet is the time without a clock: the runtime takes no 0.
const notSet = 1_000_000_000

// wallTime reads the real-time clock, in ns since 1970; ok is false if there is none.
func wallTime() (ns int64, ok bool) {
	if fixed.NoClock {
		return 0, false
	}
	t, ok := rtc.Read(clockPorts{}, fixed.Century)
	return t.UnixNano(), ok
}

// clockPorts are the ports of the real-time clock.
type clockPorts struct{}

const (
	clockIndex = 0x70 // bit 7 would keep non-maskable interrupts away
	clockData  = 0x71
)

func (clockPorts) Read(index uint8) uint8 {
	out8(clockIndex, index&0x7f)
	return in8(clockData)
}
