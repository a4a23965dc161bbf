package runtime

import "unsafe"

// Non-maskable interrupts: the watchdog's ticks, and requests from outside. They
// come in the middle of anything, the kernel and a report included.

var (
	gaspNMIG    g
	gaspNMIM    m
	gaspNMITLS  [1]uintptr
	gaspNMIFX   [512 + 16]byte
	gaspNMIRegs gaspRegisters
	gaspNMIKind uint64 // of the death that an NMI brings
)

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
	gaspFault = gaspNMIRegs
	gaspNMIKind = kind
	gaspCrashTrap()
}

// gaspWatch looks, on every timer interrupt, whether goroutines are scheduled.
// It counts the seconds in which they were not, and does not trust the clock for
// more than one at a time: a machine may be suspended.
func gaspWatch() {
	w := &gaspWatching
	limit := goosWatchdog()
	now := gaspNow()
	if limit == 0 || now < w.next {
		return
	}
	const second = 1e9
	w.next = now + second
	ticks, busy := uint64(0), (*p)(nil)
	for _, pp := range allp {
		if pp == nil {
			continue
		}
		ticks += uint64(pp.schedtick) + uint64(pp.syscalltick)
		if pp.status == _Prunning && pp.m != 0 {
			busy = pp
		}
	}
	if ticks != w.ticks || busy == nil {
		w.ticks, w.seconds = ticks, 0
		return
	}
	if w.seconds++; w.seconds*second < limit {
		return
	}
	t := gaspThreadOf(busy.m.ptr())
	gaspSaveFault(t)
	gaspDieOf(gaspByStall, true)
	gaspOnCrashStack()
}

var gaspWatching struct {
	next    int64
	ticks   uint64
	seconds int64 // without a tick
}

// gaspThreadOf returns the thread that is mp.
func gaspThreadOf(mp *m) *gaspThread {
	for i := range gaspThreads[:gaspUsed] {
		t := &gaspThreads[i]
		if t.state != gaspFree && gaspPlausible(uintptr(t.g)) && (*g)(gaspPointer(t.g)).m == mp {
			return t
		}
	}
	return gaspCur
}

// A report on demand, in the middle of an NMI.
var gaspAside bool

func gaspAsideStart() {
	gaspAside = true
	r := &gaspAsides
	r.step, r.part, r.faults, r.followed, r.alone = 0, -1, 0, false, false
	f := &gaspNMIRegs
	f.g = gaspTLSG(f.fs)
	r.scene.interrupted(gaspByRequest, f)
	gaspNoteFault(&r.note, f)
	gaspAsideReport()
}

func gaspAsideReport() {
	gaspAsides.report()
	goosDying(unsafe.Pointer(nil))
	gaspAside = false
}

// gaspAsideFault handles a fault inside a report on demand: other contexts are
// changing what it reads. It goes on with the next step.
func gaspAsideFault(pc uintptr) {
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
