package runtime

import (
	"internal/stringslite"
	"unsafe"
)

// How a program ends: the runtime announces it (gaspDying in throw, fatal and
// startpanic_m), prints why, and exits. The board is told at the announcement,
// with what only the runtime knows.

// Kinds of death.
const (
	gaspByPanic = iota
	gaspByFatal
	gaspByExit
	gaspBySignal // an exception that the runtime does not make a panic of
	gaspByFault  // an exception that is no signal: in the kernel, double fault, NMI, machine check
)

// gaspRegs is the number of registers in a report: AX BX CX DX SI DI BP SP
// R8..R15 FLAGS.
const gaspRegs = 17

// gaspDeath is what the board is told. It has the same struct (board/x86/death.go).
type gaspDeath struct {
	kind    uint64
	code    uint64 // exit status
	pc, sp  uint64 // where; 0: not known
	fn      string // the function of pc
	fnStart uint64
	faulted bool // vector, errcode, addr and regs hold
	vector  uint64
	errcode uint64
	addr    uint64
	regs    [gaspRegs]uint64
}

var (
	gaspDead       bool
	gaspDeathNote  gaspDeath
	gaspFatalDepth int
)

// gaspDying tells the kernel that this thread is about to print why the program
// dies; pc is in the function that made it die.
//
//go:nosplit
func gaspDying(kind, pc uintptr)

// gaspDyingPanic is gaspDying for an unrecovered panic or a fatal signal.
//
//go:nosplit
func gaspDyingPanic() {
	gaspDying(gaspByPanic, 0)
}

func gaspDie(t *gaspThread, kind, pc uint64) {
	if gaspDead {
		return
	}
	gaspDead = true
	d := &gaspDeathNote
	d.kind, d.pc = kind, pc
	gp := (*g)(gaspPointer(t.g))
	if gp.m != nil && gp.m.curg != nil {
		gp = gp.m.curg
	}
	switch {
	case gp.m != nil && t.g == uint64(uintptr(unsafe.Pointer(gp.m.gsignal))):
		d.kind = gaspBySignal
		gaspNoteFault(d)
	case gp.sig != 0 && uint64(gp.sigpc) == gaspFault.pc:
		gaspNoteFault(d)
	case kind == gaspByPanic && gp._panic != nil:
		gaspNotePanic(d, gp)
	}
	gaspNoteFunction(d)
	goosDying(unsafe.Pointer(d))
}

func gaspNoteFault(d *gaspDeath) {
	d.faulted = true
	d.pc, d.vector, d.errcode, d.addr, d.regs = gaspFault.pc, gaspFault.vector, gaspFault.errcode, gaspFault.addr, gaspFault.regs
}

// gaspNotePanic finds who panicked: the first caller of gopanic that is not the
// runtime's, by the frame pointers on the stack of gp.
func gaspNotePanic(d *gaspDeath, gp *g) {
	const maxFrames = 16
	fp := uintptr(gp._panic.gopanicFP) - 16 // it is what SP was before the call
	for range maxFrames {
		if fp < gp.stack.lo || fp > gp.stack.hi-16 || fp%8 != 0 {
			return
		}
		frame := *(*[2]uintptr)(unsafe.Pointer(fp)) // the caller's frame pointer, the return address
		d.pc, d.sp = uint64(frame[1]), uint64(fp+16)
		f := findfunc(frame[1])
		if !f.valid() || !stringslite.HasPrefix(funcname(f), "runtime.") {
			return
		}
		fp = frame[0]
	}
}

func gaspNoteFunction(d *gaspDeath) {
	if f := findfunc(uintptr(d.pc)); f.valid() {
		setNotInHeapString(&d.fn, funcname(f))
		d.fnStart = uint64(f.entry())
	}
}

// setNotInHeapString stores a string of the program's own tables without a write
// barrier: the kernel has no P.
func setNotInHeapString(dst *string, s string) {
	h := (*[2]uintptr)(unsafe.Pointer(dst))
	h[0], h[1] = uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(len(s))
}

// gaspExitGroup ends the program. An exit that no death came before is reported
// by the board too, with the goroutines if it is a failure.
func gaspExitGroup(t *gaspThread, code int32) {
	if !gaspDead {
		gaspDead = true
		d := &gaspDeathNote
		d.kind, d.code, d.pc = gaspByExit, uint64(uint32(code)), t.pc
		gp := (*g)(gaspPointer(t.g))
		if code != 0 && gp == gp.m.curg {
			d.pc = 0
		}
		gaspNoteFunction(d)
		goosDying(unsafe.Pointer(d))
		print("exit status ", code, "\n")
		if code != 0 {
			gaspTraceback(t, gp)
		}
	}
	gaspEnd(code)
}

func gaspTraceback(t *gaspThread, gp *g) {
	if gp.m != nil && gp == gp.m.curg {
		print("\n")
		goroutineheader(gp)
		traceback(uintptr(t.pc), uintptr(t.sp), 0, gp)
	}
	tracebackothers(gp)
}

// gaspEnd hands the machine to the board for good.
func gaspEnd(code int32) {
	gaspPrintFlush()
	if goosExit != nil {
		goosExit(code)
	}
	gaspHalt()
}

// gaspFatalTrap handles, on the crash stack, an exception that cannot become a
// signal. The first one is reported; one in the middle of that report ends it.
func gaspFatalTrap() {
	gaspFatalDepth++
	switch gaspFatalDepth {
	case 1:
		d := &gaspDeathNote
		if gaspDead { // the report under way ends here, and says so
			print("\nexception ", gaspFault.vector, " at pc=", hex(gaspFault.pc), " addr=", hex(gaspFault.addr), " while reporting\n")
			break
		}
		gaspDead = true
		d.kind = gaspByFault
		gaspNoteFault(d)
		gaspNoteFunction(d)
		goosDying(unsafe.Pointer(d))
		t := gaspCur
		if gp := (*g)(gaspPointer(t.g)); gp != nil && gaspClockOn {
			gaspTraceback(t, gp)
		}
	case 2:
	default:
		gaspHalt()
	}
	gaspEnd(2)
}

func gaspHalt()
