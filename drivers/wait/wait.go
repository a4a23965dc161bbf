// Package wait bounds a driver's waits on its device: by a clock and, should that stand still, by a number of turns.
package wait

import (
	"sync/atomic"

	"gasp/drivers/reg"
)

// What bounds a wait if the clock stands still, in turns of polling, or if there is
// none. A turn then reads a register and takes ReadTime at least, in nanoseconds.
const (
	MaxSpins = 1 << 21
	ReadTime = 50
)

// Clock is what a driver's waits are measured by. It does not change after the driver's New.
type Clock struct {
	// Now is a monotonic clock in nanoseconds. With nil, turns are counted.
	Now func() int64
	// Registers are the device's.
	Registers reg.Space
	// Harmless is the offset of a register that may be read at any time, to no effect but that time passes.
	Harmless uint32
}

// Timer is one bounded wait.
type Timer struct {
	end   int64
	spins uint32
	last  bool // the time is over, and it was said that there is one more turn
}

// Timer begins a wait of at most ns.
func (c *Clock) Timer(ns int64) Timer {
	if c.Now == nil {
		return Timer{spins: uint32(min(ns/ReadTime, MaxSpins))}
	}
	return Timer{end: c.Now() + ns, spins: MaxSpins}
}

// Expired tells whether a wait is over. It is asked once a turn. The turn that follows the end of the time is the last one:
// a machine that stood still between a look at the device and one at the clock, as virtual ones do, looks at the device
// again.
func (c *Clock) Expired(t *Timer) bool {
	if t.spins == 0 {
		return true
	}
	t.spins--
	if c.Now == nil {
		c.Registers.Read32(c.Harmless)
		return false
	}
	if c.Now()-t.end < 0 {
		return false
	}
	late := t.last
	t.last = true
	return late
}

// Until waits at most ns for (register & mask) == want, and tells whether that came.
func (c *Clock) Until(register, mask, want uint32, ns int64) bool {
	return c.UntilIn(c.Registers, register, mask, want, ns)
}

// UntilIn is Until for a register of another device.
func (c *Clock) UntilIn(registers reg.Space, register, mask, want uint32, ns int64) bool {
	for t := c.Timer(ns); ; {
		if registers.Read32(register)&mask == want {
			return true
		}
		if c.Expired(&t) {
			return false
		}
	}
}

// Delay lets ns pass, a register read each turn.
func (c *Clock) Delay(ns int64) {
	for t := c.Timer(ns); !c.Expired(&t); {
		c.Registers.Read32(c.Harmless)
	}
}

// Pause lets ns pass without a register being read, if there is a clock. Without one it is
// a number of turns that no machine goes through in less than a quarter of that.
func (c *Clock) Pause(ns int64) {
	if c.Now == nil {
		for n := int64(0); n < ns; n++ {
			spin.Load()
		}
		return
	}
	for t := c.Timer(ns); !c.Expired(&t); {
	}
}

// spin is what a pause without a clock looks at.
var spin atomic.Uint32
