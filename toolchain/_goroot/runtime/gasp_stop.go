package runtime

import "internal/runtime/atomic"

// The end of the program: one processor is the first to die, reports, and stops
// the others.

// gaspDyingCPU is its number + 1; 0: none.
var gaspDyingCPU uint32

// gaspClaim returns only on the processor that is the first to die.
func gaspClaim()

// gaspUnclaim lets another processor be the first one after all.
func gaspUnclaim() { atomic.Store(&gaspDyingCPU, 0) }

func (c *gaspCPU) dying() bool { return gaspDyingCPU == uint32(c.number)+1 }

// stopHere stops a processor for good, in an NMI. What its thread was doing is
// saved with it, as if it had entered the kernel.
func (c *gaspCPU) stopHere() {
	f, t := &c.nmiRegs, c.cur
	if f.kernel == 0 {
		t.gaspContext.stopped(f)
	}
	c.stopped = 1
	gaspHalt()
}

// gaspStopLimit is how long a processor may take to stop, in ns: one that does not
// is reported as running. An emulator on a busy machine is late.
const gaspStopLimit = 500e6

// gaspStopOthers stops the other processors, once.
func gaspStopOthers() {
	me := gaspThis()
	cpus := gaspCPUs[:gaspNCPU]
	if len(cpus) == 1 || me.stopped != 0 {
		return
	}
	me.stopped = 1
	for _, c := range cpus {
		if c != me {
			goosStop(c.number)
		}
	}
	for end := gaspNow() + gaspStopLimit; gaspNow() < end; {
		running := false
		for _, c := range cpus {
			running = running || c != me && atomic.Load8(&c.stopped) == 0
		}
		if !running {
			return
		}
	}
}

// gaspShowCPUs writes where the other processors were, or for whom they run on.
func gaspShowCPUs() {
	me := gaspThis()
	runOn := me.aside() && !me.dying()
	for _, c := range gaspCPUs[:gaspNCPU] {
		if c == me {
			continue
		}
		gaspLine.str("cpu ")
		gaspLine.dec(c.number)
		gaspLine.str(": ")
		pc := uintptr(c.nmiRegs.pc)
		if runOn {
			pc = 0
		}
		switch gp := gaspGoroutineFor(c.cur.g); {
		case c.stopped == 0 && !runOn:
			gaspLine.str("does not stop")
			pc = 0
		case c.cur == &c.idle:
			gaspLine.str("idle")
			pc = 0
		case gp != nil:
			gaspLine.str("goroutine ")
			gaspLine.dec(gp.goid)
		default:
			gaspLine.str("no goroutine")
		}
		if f := findfunc(pc); f.valid() {
			gaspLine.str(", at ")
			gaspLine.function(funcname(f))
			gaspLine.str(" +")
			gaspLine.hex(pc - f.entry())
		}
		gaspLine.end()
	}
}
