package runtime

import (
	"internal/runtime/atomic"
	"internal/runtime/kernel"
	"unsafe"
)

// Non-maskable interrupts: the watchdog's ticks, and requests from outside. They
// come in the middle of anything, the kernel and a report included.

// gaspNMIKind is the kind of death that an NMI brings.
var gaspNMIKind uint64

// What the board makes of an NMI.
const (
	gaspNMIGoOn = iota
	gaspNMIReport
	gaspNMIDie
	gaspNMIHang
)

// gaspNMI handles one, on a stack of its own. If it returns, what was
// interrupted goes on.
//
//go:nowritebarrierrec
func gaspNMI() {
	c := gaspThis()
	if gaspDyingCPU != 0 && !c.dying() {
		c.stopHere()
	}
	if c.doomed != 0 {
		c.doomed = 0
		gaspNMIDeath(c.doom)
	}
	switch goosNMI() {
	case gaspNMIReport:
		if !gaspDead {
			gaspAsideStart()
		}
	case gaspNMIDie:
		if !gaspDead {
			gaspNMIDeath(gaspByNMI)
		}
	case gaspNMIHang:
		gaspNMIDeath(gaspByHang)
	}
}

func gaspNMIDeath(kind uint64) {
	c := gaspThis()
	if c.locking != 0 && gaspDyingCPU == 0 { // the one to blame is who has the lock
		if owner := atomic.Load(&gaspOwner); owner != 0 && uint64(owner-1) != c.number {
			gaspDoom(gaspCPUs[owner-1], kind)
			return
		}
	}
	gaspClaim()
	c.fault = c.nmiRegs
	gaspNMIKind = kind
	gaspCrashTrap()
}

// gaspDoom makes another processor die.
func gaspDoom(c *gaspCPU, kind uint64) {
	c.doom = kind
	c.doomed = 1
	goosStop(c.number)
}

// gaspWatch looks, on the first processor's timer interrupts, whether every P
// schedules goroutines; a goroutine that spins is preempted. It counts the seconds in which they were not, and does not trust the clock for
// more than one at a time: a machine may be suspended.
func gaspWatch(c *gaspCPU) {
	w := &gaspWatching
	limit := goosWatchdog()
	now := gaspNow()
	if limit == 0 || c != &gaspCPU0 || now < w.next {
		return
	}
	const second = 1e9
	w.next = now + second
	gaspWatchCPUs(limit / second)
	var running, asleep *gaspThread // that have run one goroutine for too long
	hindered := false
	for i, pp := range allp {
		if pp == nil || i >= len(w.ps) {
			continue
		}
		s := &w.ps[i]
		ticks := uint64(pp.schedtick) + uint64(pp.syscalltick)
		if ticks != s.ticks || pp.status != _Prunning || pp.m == 0 {
			s.ticks, s.seconds = ticks, 0
			continue
		}
		s.seconds++
		t := gaspThreadOf(pp.m.ptr())
		runs := gaspSched.State(t.id) != kernel.Waiting
		switch late := s.seconds*second >= limit; {
		case late && runs:
			running = t
		case late:
			asleep = t
		case runs:
			hindered = true
		}
	}
	// A P may be late because another one does not stop for the garbage collector, or because a processor is gone. Those
	// are to blame, as soon as they are late too.
	switch {
	case gaspQuietCPU():
	case running != nil:
		if cpu, ok := gaspSched.On(running.id); ok && gaspCPUs[cpu] != c {
			gaspCPUs[cpu].stalled = 1
			goosKick(uint64(cpu)) // if it takes no interrupts, that is a hang
			return
		}
		gaspStall(running)
	case asleep != nil && !hindered:
		gaspStall(asleep)
	}
}

// gaspQuietCPU tells whether another processor has shown no sign of life for a second.
func gaspQuietCPU() bool {
	for i := 1; i < gaspNCPU; i++ {
		if gaspWatching.cpus[i].seconds > 0 {
			return true
		}
	}
	return false
}

// gaspStall makes t, which an interrupt came to, die of a stall: but not in a
// signal handler, whose stack tells nothing.
func gaspStall(t *gaspThread) {
	if t.altsize != 0 && t.sp > t.altsp && t.sp <= t.altsp+t.altsize {
		return
	}
	gaspClaim()
	gaspSaveFault(t)
	gaspDieOf(gaspByStall, true)
	gaspOnCrashStack()
}

var gaspWatching struct {
	next int64
	ps   [kernel.MaxCPUs]struct {
		ticks   uint64
		seconds int64 // that one goroutine has run without a break
	}
	cpus [kernel.MaxCPUs]struct {
		signs   uint64
		seconds int64 // without a sign of life
	}
}

// gaspWatchCPUs looks whether the other processors take interrupts, or say why not;
// the first one has the board's timer for that.
func gaspWatchCPUs(limit int64) {
	for i := 1; i < gaspNCPU; i++ {
		c, w := gaspCPUs[i], &gaspWatching.cpus[i]
		if signs := c.signs + uint64(goosSigns(c.number)); signs != w.signs {
			w.signs, w.seconds = signs, 0
			continue
		}
		if w.seconds++; w.seconds >= limit {
			gaspDoom(c, gaspByHang)
			return
		}
	}
}

// gaspThreadOf returns the thread that is mp.
func gaspThreadOf(mp *m) *gaspThread {
	threads := gaspUsed()
	for i := range threads {
		t := &threads[i]
		if t.exists() && gaspPlausible(uintptr(t.g)) && (*g)(gaspPointer(t.g)).m == mp {
			return t
		}
	}
	return gaspThis().cur
}

// A report on demand, in the middle of an NMI.

// gaspAside is the number + 1 of the processor that makes one; 0: none does.
var gaspAside uint32

func (c *gaspCPU) aside() bool { return gaspAside == uint32(c.number)+1 }

// gaspAsideGoesOn tells whether a death is a fault of the report on demand, which
// goes on behind it.
func gaspAsideGoesOn() bool {
	return gaspThis().aside() && gaspAsides.faults <= 2*gaspMaxFaults
}

func gaspAsideStart() {
	gaspAside = uint32(gaspThis().number) + 1
	r := &gaspAsides
	r.step, r.part, r.faults, r.followed, r.alone = 0, -1, 0, false, false
	f := &gaspThis().nmiRegs
	f.findG()
	r.scene.interrupted(gaspByRequest, f)
	gaspNoteFault(&r.note, f)
	gaspAsideReport()
}

func gaspAsideReport() {
	gaspAsides.report()
	goosDying(unsafe.Pointer(nil))
	gaspAside = 0
}

// gaspAsideFault handles a fault inside a report on demand: other contexts are
// changing what it reads. It goes on with the next step, and is no death.
func gaspAsideFault(pc uintptr) {
	gaspUnclaim()
	r := &gaspAsides
	if r.faults++; r.faults > gaspMaxFaults {
		r.step = gaspSteps
	}
	gaspLine.n = 0
	gaspLine.str("fault while reporting, at pc=")
	gaspLine.hex(pc)
	gaspLine.end()
	gaspAsideAgain()
}

// gaspAsideAgain runs gaspAsideReport on the NMI's stack, emptied, and then goes
// back to what the NMI interrupted.
func gaspAsideAgain()
