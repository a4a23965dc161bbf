package runtime

import "unsafe"

// How a program ends. The runtime announces it (gaspDying in throw, fatal and
// startpanic_m), it exits, an exception cannot become a panic, or an interrupt
// finds it hanging. From then on nothing of it runs again: the kernel reports on
// a stack and g of its own (gasp_report.go) and gives the machine to the board.

// Kinds of death.
const (
	gaspByPanic   = iota
	gaspByFatal   // a fatal error, the program's fault
	gaspByExit    // the end of the program
	gaspByFault   // a CPU exception that is no panic
	gaspByNMI     // from outside
	gaspByHang    // interrupts were off too long
	gaspByStall   // no goroutine was scheduled for too long
	gaspByRequest // no death: somebody asked what the machine is doing
	gaspByThrow   // a fatal error, the runtime's fault; gaspByFatal to the board
)

// gaspDeath is what the board is told. It has the same struct (board/machine/death.go).
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
	words   string // what the runtime says of it; may be empty
}

// gaspDead tells that the program has ended.
var gaspDead bool

// gaspDying tells the kernel that the program ends, and why. It does not return.
//
//go:nosplit
//go:noescape
func gaspDying(kind uintptr, text string)

// gaspDyingPanic is gaspDying for an unrecovered panic or a fatal signal.
//
//go:nosplit
func gaspDyingPanic() {
	gaspDying(gaspByPanic, "")
}

// The registers that gaspDying was called with (gasp_trap_*.s).
var gaspAnnounced struct {
	kind       uint64
	pc, sp, bp uint64
	text       string
	g          uint64
	kernel     uint64
}

// gaspLast takes what gaspDying announced, on the crash stack.
//
//go:nowritebarrierrec
func gaspLast() {
	a := &gaspAnnounced
	if gaspAsideGoesOn() {
		gaspAsideFault(uintptr(a.pc))
	}
	if gaspDead { // in the report itself: the board said throw
		gaspLastWords.faultInside("a fatal error of the runtime", uintptr(a.pc))
		gaspReport()
	}
	gaspDead = true
	s := &gaspLastWords.scene
	s.kind = a.kind
	s.gaspPoint = gaspPoint{pc: uintptr(a.pc), sp: uintptr(a.sp), bp: uintptr(a.bp)}
	s.g, s.kernel, s.entered = a.g, a.kernel != 0, a.kernel != 0
	s.announced = true
	gaspSetString(&s.text, a.text)
	gaspReport()
}

// gaspFatalTrap takes, on the crash stack, an exception that cannot become a
// panic: the death, or a fault in its report.
//
//go:nowritebarrierrec
func gaspFatalTrap() {
	f := &gaspFault
	*f = gaspThis().fault
	f.findG()
	gaspDisarm(f.vector, f.errcode, f.pc)
	if gaspAsideGoesOn() {
		gaspAsideFault(uintptr(f.pc))
	}
	if gaspDead {
		words := ""
		if f.vector == gaspVecNMI {
			words = "no progress for too long"
		}
		gaspLastWords.faultInside(words, uintptr(f.pc))
		gaspReport()
	}
	kind := uint64(gaspByFault)
	if f.vector == gaspVecNMI {
		kind = gaspNMIKind
	}
	gaspDieOf(kind, false)
	gaspReport()
}

// gaspDieOf makes the exception in gaspFault the death. entered tells that it is
// the reason why the processor is in the kernel.
func gaspDieOf(kind uint64, entered bool) {
	gaspClaim()
	gaspDead = true
	f := &gaspFault
	r := &gaspLastWords
	r.scene.interrupted(kind, f)
	r.scene.entered = r.scene.kernel || entered
	gaspNoteFault(&r.note, f)
}

// gaspExitGroup is the end of the program by exit.
func gaspExitGroup(t *gaspThread, code int32) {
	gaspClaim()
	if !gaspDead {
		gaspDead = true
		s := &gaspLastWords.scene
		s.kind, s.gaspPoint, s.exact, s.g, s.code = gaspByExit, t.point(), true, t.g, code
		s.entered = true
	}
	gaspOnCrashStack()
}

// gaspEnd hands the machine to the board for good.
func gaspEnd(code int32) {
	if goosExit != nil {
		goosExit(code)
	}
	gaspHalt()
}

func gaspHalt()

// gaspOnCrashStack runs gaspReport on the crash stack. It does not return.
func gaspOnCrashStack()

func gaspNoteFault(d *gaspDeath, f *gaspRegisters) {
	d.faulted = true
	d.pc, d.vector, d.errcode, d.addr, d.regs = f.pc, f.vector, f.errcode, f.addr, *f.shown()
}

// fillNote fills what the board is told.
func (r *gaspReportState) fillNote() {
	d, s := &r.note, &r.scene
	d.kind = s.kind
	switch s.kind {
	case gaspByThrow:
		d.kind = gaspByFatal
	case gaspByExit:
		d.code = uint64(uint32(s.code))
	}
	switch {
	case s.success():
		return
	case d.faulted:
	case s.kind == gaspByPanic && gaspFaulted(gaspCurg(s)):
		gaspNoteFault(d, &gaspFault)
	default:
		gaspBlame(d, s)
	}
	gaspNoteFunction(d)
}

// gaspFaulted tells that gp's panic is what the last exception became.
func gaspFaulted(gp *g) bool {
	return gp != nil && gp.sig != 0 && uint64(gp.sigpc) == gaspFault.pc
}

func gaspNoteFunction(d *gaspDeath) {
	gaspSetString(&d.fn, "")
	if f := findfunc(uintptr(d.pc)); f.valid() {
		gaspSetString(&d.fn, funcname(f))
		d.fnStart = uint64(f.entry())
	}
}

// gaspSetString stores a string of the program's own tables, or of a thread that
// never runs again, without a write barrier: the kernel has no P.
func gaspSetString(dst *string, s string) {
	*(*[2]uintptr)(unsafe.Pointer(dst)) = *(*[2]uintptr)(unsafe.Pointer(&s))
}
