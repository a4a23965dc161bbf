package enet

import "gasp/drivers/reg"

// Bounds of the waits on hardware, in nanoseconds.
const (
	// frameWait is for one frame to be read: 0.12 ms at 100 Mb/s, each, of those that the
	// FIFO holds before it.
	frameWait = 10e6
	// idleWait is what TakeOver gives frames in flight before it resets: 127 full
	// frames take 16 ms at 100 Mb/s.
	idleWait = 50e6
	// fifoDelay is for what was read to leave: 8 KiB, more than the FIFO has, take 0.7 ms.
	fifoDelay = 1e6
	// stopDelay is from ETHEREN 0 to a bus at rest: a burst.
	stopDelay = 10e3
	// resetWait is for ECR.RESET to clear (RM 22.5: 8 cycles).
	resetWait = 1e6
	// mdioTime is a frame on the management bus, 64 bits at 2.5 MHz or a little less, mdioWait
	// the bound of a wait for one.
	mdioTime = 100e3
	mdioWait = 1e6
	// phyResetWait is for the reset of a PHY (IEEE 802.3 22.2.4.1.1: 0.5 s).
	phyResetWait = 500e6
)

// takeOverMost is the longest that TakeOver waits: for frames in flight, and in reset.
const takeOverMost = idleWait + fifoDelay + stopDelay + resetWait

// What bounds a wait if the clock stands still, in turns of polling, or if there is
// none. A turn then reads a register and takes readTime at least, in nanoseconds.
const (
	maxSpins = 1 << 21
	readTime = 50
)

// timer is one bounded wait.
type timer struct {
	end   int64
	spins uint32
}

func (d *Device) timer(ns int64) timer {
	if d.now == nil {
		return timer{spins: uint32(min(ns/readTime, maxSpins))}
	}
	return timer{end: d.now() + ns, spins: maxSpins}
}

func (d *Device) expired(t *timer) bool {
	if t.spins == 0 {
		return true
	}
	t.spins--
	if d.now == nil {
		d.regs.Read32(regECR)
		return false
	}
	return d.now()-t.end >= 0
}

// until waits for (register & mask) == want, and tells whether that came.
func (d *Device) until(register, mask, want uint32, ns int64) bool {
	for t := d.timer(ns); ; {
		if d.regs.Read32(register)&mask == want {
			return true
		}
		if d.expired(&t) {
			return false
		}
	}
}

// delay lets ns pass, a register read each turn.
func (d *Device) delay(ns int64) {
	for t := d.timer(ns); !d.expired(&t); {
		d.regs.Read32(regECR)
	}
}

// managed waits for the end of a frame on the management bus of m.
func (d *Device) managed(m reg.Space) bool {
	for t := d.timer(mdioWait); ; {
		if m.Read32(regEIR)&eirMII != 0 {
			return true
		}
		if d.expired(&t) {
			return false
		}
	}
}
