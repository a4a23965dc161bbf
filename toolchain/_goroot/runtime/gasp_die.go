package runtime

import (
	"internal/abi"
	"internal/stringslite"
	"unsafe"
)

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

// gaspRegs is the number of registers in a report: AX BX CX DX SI DI BP SP
// R8..R15 FLAGS.
const (
	gaspRegs  = 17
	gaspRegBP = 6
	gaspRegSP = 7
)

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
	words   string // what the runtime says of it; may be empty
}

// gaspScene is where a death happened: a context, and what its registers were.
type gaspScene struct {
	kind       uint64
	pc, sp, bp uintptr
	exact      bool   // pc is the instruction, not a return address
	g          uint64 // in TLS
	kernel     bool   // in the kernel: gaspCur was interrupted
	announced  bool   // by the runtime, which may be on another stack than the one it is about
	entered    bool   // gaspCur had come into the kernel, with its registers saved
	text       string // of throw and fatal
	code       int32  // of exit
}

func (s *gaspScene) walk() gaspWalk {
	return gaspWalk{pc: s.pc, sp: s.sp, bp: s.bp, exact: s.exact}
}

// success tells that the program has ended as it should.
func (s *gaspScene) success() bool { return s.kind == gaspByExit && s.code == 0 }

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

// The registers that gaspDying was called with (gasp_entry_amd64.s).
var gaspAnnounced struct {
	kind       uint64
	pc, sp, bp uint64
	text, size uint64
	g          uint64
	kernel     uint64
}

// gaspLast takes what gaspDying announced, on the crash stack.
//
//go:nowritebarrierrec
func gaspLast() {
	a := &gaspAnnounced
	if gaspDead { // in the report itself: the board said throw
		gaspLastWords.faultInside("a fatal error of the runtime", uintptr(a.pc))
		gaspReport()
	}
	gaspDead = true
	s := &gaspLastWords.scene
	s.kind, s.pc, s.sp, s.bp, s.exact = a.kind, uintptr(a.pc), uintptr(a.sp), uintptr(a.bp), true
	s.g, s.kernel, s.entered = a.g, a.kernel != 0, a.kernel != 0
	s.announced = true
	gaspSetString(&s.text, a.text, a.size)
	gaspReport()
}

// gaspFatalTrap takes, on the crash stack, an exception that cannot become a
// panic: the death, or a fault in its report.
//
//go:nowritebarrierrec
func gaspFatalTrap() {
	f := &gaspFault
	f.g = gaspTLSG(f.fs)
	gaspDisarm(f.vector)
	if gaspAside && gaspAsides.faults <= 2*gaspMaxFaults {
		gaspAsideFault()
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
// the reason why gaspCur is in the kernel.
func gaspDieOf(kind uint64, entered bool) {
	gaspDead = true
	f := &gaspFault
	s := &gaspLastWords.scene
	s.kind, s.pc, s.sp, s.bp, s.exact = kind, uintptr(f.pc), uintptr(f.regs[gaspRegSP]), uintptr(f.regs[gaspRegBP]), true
	s.g, s.kernel, s.entered = f.g, f.kernel != 0, f.kernel != 0 || entered
	gaspNoteFault(&gaspLastWords.note)
}

// gaspTLSG reads g from a TLS, by its FS base; 0 if there can be none.
func gaspTLSG(fs uint64) uint64 {
	if !gaspInRAM(uintptr(fs-8), 8) {
		return 0
	}
	return uint64(gaspWord(uintptr(fs - 8)))
}

// gaspExitGroup is the end of the program by exit.
func gaspExitGroup(t *gaspThread, code int32) {
	if !gaspDead {
		gaspDead = true
		s := &gaspLastWords.scene
		s.kind, s.pc, s.sp, s.bp, s.exact, s.g, s.code = gaspByExit, uintptr(t.pc), uintptr(t.sp), uintptr(t.bp), true, t.g, code
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

func gaspNoteFault(d *gaspDeath) {
	d.faulted = true
	d.pc, d.vector, d.errcode, d.addr, d.regs = gaspFault.pc, gaspFault.vector, gaspFault.errcode, gaspFault.addr, gaspFault.regs
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
		gaspNoteFault(d)
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
	if f := findfunc(uintptr(d.pc)); f.valid() {
		name := funcname(f)
		gaspSetString(&d.fn, uint64(uintptr(unsafe.Pointer(unsafe.StringData(name)))), uint64(len(name)))
		d.fnStart = uint64(f.entry())
	}
}

// gaspBlame finds who is to blame for an announced death: the innermost function
// that is not the runtime's or so, or else the caller of the one that announced it.
func gaspBlame(d *gaspDeath, s *gaspScene) {
	const maxFrames = 24
	w := s.walk()
	if gp := gaspCurg(s); s.kind == gaspByPanic && gp != nil {
		w = gaspSaved(gp)
	} else {
		gaspBounds(&w, s)
	}
	w.start()
	for i := 0; i < maxFrames && w.next(); i++ {
		blameless := gaspBlameless(funcname(w.info()))
		if i == 0 || !blameless {
			d.pc, d.sp = uint64(w.pc), uint64(w.sp)
		}
		if !blameless {
			return
		}
	}
}

func gaspBlameless(name string) bool {
	prefix := ""
	if name != "" {
		switch name[0] { // most names cost no more than this
		case 'r':
			prefix = "runtime."
		case 'i':
			prefix = "internal/"
		case 's':
			return stringslite.HasPrefix(name, "sync.") || stringslite.HasPrefix(name, "syscall.")
		case 'o':
			prefix = "os."
		}
	}
	return prefix != "" && stringslite.HasPrefix(name, prefix)
}

// gaspCurg returns the goroutine that s happened in or on behalf of, or nil.
func gaspCurg(s *gaspScene) *g {
	p := s.g
	if s.kernel {
		p = gaspCur.g
	}
	if !gaspPlausible(uintptr(p)) {
		return nil
	}
	gp := (*g)(gaspPointer(p))
	if !gaspPlausibleM(gp.m) || !gaspPlausible(uintptr(unsafe.Pointer(gp.m.curg))) {
		return nil
	}
	return gp.m.curg
}

// gaspUnrecovered tells whether a fault of the goroutine gp at t can be the
// program's end without asking the runtime: no frame on the stack defers
// anything, so that nobody can recover. Then neither the runtime nor the
// program would do anything but print.
func gaspUnrecovered(t *gaspThread, gp *g) bool {
	const maxFrames = 40
	if gp._defer != nil || gp._panic != nil {
		return false
	}
	w := gaspWalk{pc: uintptr(t.pc), sp: uintptr(t.sp), bp: uintptr(t.bp), lo: gp.stack.lo, hi: gp.stack.hi, exact: true}
	w.start()
	if w.f != nil && w.f.deferreturn != 0 || !w.next() {
		return false
	}
	f, p := w.f, w.bp
	for range maxFrames {
		switch {
		case f == nil:
			return false
		case f.flag&abi.FuncFlagTopFrame != 0, f.funcID == abi.FuncID_runtime_main:
			return true
		case f.deferreturn != 0 || p%8 != 0 || p < w.sp || p >= w.hi-16:
			return false
		}
		f = findfunc(gaspWord(p+8) - 1)._func
		w.sp, p = p+16, gaspWord(p)
	}
	return false
}

// gaspSetString stores a string of the program's own tables, or of a thread that
// never runs again, without a write barrier: the kernel has no P.
func gaspSetString(dst *string, data, size uint64) {
	h := (*[2]uint64)(unsafe.Pointer(dst))
	h[0], h[1] = data, size
}
