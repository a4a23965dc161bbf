//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	"gasp/board/machine"
)

// A tick is a non-maskable interrupt that a timer makes: it comes through when
// interrupts are off. The timer runs once and is armed again by the handler, so
// that a handler slower than it does not starve what it interrupts.

// Timers that can tick.
const (
	noTimer = iota
	intervalTimer
	highPrecisionTimer
)

const (
	tickNs    = pitLongest * 1_000_000_000 / pitHz // machine.TickNs
	firstTick = 1_000_000                          // ns

	// A first tick that takes longer than this does not come. An emulator on a
	// busy machine is late, or stopped as a whole: what is longer than a look counts
	// as one.
	firstTickWait = 500_000_000 // ns
	firstTickLook = 1_000_000   // ns
	maxTickLooks  = 1 << 26
	maxCountReads = 10_000 // a count takes less time than a read
	pitLongest    = 65536
	pitReadBack   = 0xe2 // status of channel 0
	pitOut        = 1 << 7
	usualTimerPin = 2 // of the I/O APIC on a PC, if no table says
	hpetPins      = 24
)

var tick struct {
	timer  uint32
	pin    uint32
	ioapic ioAPIC
	hpet   eventTimer
}

// startTick finds a timer that makes non-maskable interrupts, by trying: first
// the interval timer at the pin that the tables say, then the high precision
// timer. It reports whether one does.
func startTick(where acpi.Interrupts, rsdp uint64) bool {
	if where.IOAPIC == 0 {
		where.IOAPIC, where.Pin = ioapicUsual, usualTimerPin
	}
	w := Window(where.IOAPIC, ioapicSize)
	if w == nil {
		return false
	}
	tick.ioapic.regs.Base, tick.ioapic.regs.Size = w.Base, w.Size
	if pitCounts() {
		if tryTick(intervalTimer, where.Pin) || where.Pin != usualTimerPin && tryTick(intervalTimer, usualTimerPin) {
			return true
		}
	}
	base, err := acpi.ParseHPET(at, rsdp)
	if err != nil || !tick.hpet.open(base) {
		return false
	}
	routes := tick.hpet.regs.Read32(hpetRoutes)
	for pin := range uint32(hpetPins) {
		if routes&(1<<pin) != 0 && tick.ioapic.free(pin) {
			tick.hpet.route(pin)
			return tryTick(highPrecisionTimer, pin)
		}
	}
	return false
}

// tryTick waits for the first tick of a timer through an I/O APIC pin.
func tryTick(timer, pin uint32) bool {
	if !tick.ioapic.free(pin) {
		return false
	}
	from := machine.Ticks()
	tick.timer, tick.pin = timer, pin
	tick.ioapic.routeNMI(pin, cpus.online[0])
	armTick(firstTick)
	waited, last := int64(0), nanotime()
	for n := 0; machine.Ticks() == from; n++ {
		if n == maxTickLooks || waited >= firstTickWait {
			tick.ioapic.mask(pin)
			tick.timer = noTimer
			winding.stray = true // it may be under way after all
			return false
		}
		now := nanotime()
		waited += min(now-last, firstTickLook)
		last = now
	}
	return true
}

// takeTicks makes the ticks come to the processor that it runs on.
//
//go:linkname takeTicks gasp/board/machine.takeTicks
func takeTicks() {
	if cpus.up > 1 && tick.timer != noTimer {
		tick.ioapic.routeNMI(tick.pin, apic.id())
	}
}

// armTick makes the next tick come after ns, tickNs at the most. It tells whether
// another interrupt of the timer's may be under way.
func armTick(ns uint64) (stray bool) {
	if tick.timer == highPrecisionTimer {
		return tick.hpet.arm(ns)
	}
	count := ns * pitHz / 1_000_000_000 // 65536 is written as 0
	out8(pitCommand, pitOnce)
	out8(pitChannel0, uint8(count))
	out8(pitChannel0, uint8(count>>8))
	return false
}

// tickTurned tells that the timer has interrupted although it has not run out.
func tickTurned() bool { return tick.timer == highPrecisionTimer && tick.hpet.turned() }

// tickExpired tells whether the timer has run out. If it has not, a
// non-maskable interrupt is not its.
func tickExpired() bool {
	switch tick.timer {
	case intervalTimer:
		out8(pitCommand, pitReadBack)
		return in8(pitChannel0)&pitOut != 0
	case highPrecisionTimer:
		return tick.hpet.expired()
	}
	return false
}

// pitCounts tells whether there is an interval timer.
func pitCounts() bool {
	armTick(tickNs)
	from := pitCount()
	for range maxCountReads {
		if pitCount() != from {
			return true
		}
	}
	return false
}
