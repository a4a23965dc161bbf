package runtime

import (
	"internal/abi"
	"internal/goarch"
	"unsafe"
)

// gaspPoint is where a context is: instruction, stack pointer and, where the
// architecture has them, frame pointer and link register; else 0.
type gaspPoint struct{ pc, sp, bp, lr uintptr }

// gaspWalk is a position on a stack that may be damaged. It reads nothing but
// words between sp and hi, and only goes up, so it ends.
type gaspWalk struct {
	gaspPoint
	lo, hi uintptr
	exact  bool    // pc is of the instruction itself, not a return address
	fault  bool    // pc is where an exception happened: of interest in any function
	system bool    // the stack may continue on the goroutine's that switched to it
	f      *_func  // of pc, nil if it is not code; there is one module only
	why    int     // why next found no caller
	at     uintptr // where
}

// Why a walk ends.
const (
	gaspTop = iota // at the stack's end, as it should
	gaspBadPointer
	gaspBadReturn
)

var gaspWhys = [...]string{
	gaspBadPointer: "the frame pointer leads out of the stack",
	gaspBadReturn:  "the return address is not in the program",
}

// start finds the first frame. A pc that is no code, as after a jump into
// nowhere, is taken to have been called.
func (w *gaspWalk) start() {
	if w.sp%goarch.PtrSize != 0 || w.sp+gaspPage < w.lo || w.sp > w.hi {
		w.hi = w.sp // nothing to be read
	}
	w.f = w.function()
}

// function is the one that pc belongs to.
func (w *gaspWalk) function() *_func { return findfunc(w.symbolPC())._func }

// info is f as the runtime's tables want it.
func (w *gaspWalk) info() funcInfo { return funcInfo{w.f, &firstmoduledata} }

// symbolPC is an address within the instruction that is on the way.
func (w *gaspWalk) symbolPC() uintptr {
	if w.exact {
		return w.pc
	}
	return w.pc - 1
}

func (w *gaspWalk) readable(p uintptr) bool {
	return p%goarch.PtrSize == 0 && p >= w.sp && p >= w.lo && p < w.hi && w.hi-p >= goarch.PtrSize
}

func gaspWord(p uintptr) uintptr { return *(*uintptr)(gaspPointer(uint64(p))) }

// up goes to a caller, if it can be one.
func (w *gaspWalk) up(pc, sp, bp uintptr) bool {
	f := findfunc(pc - 1)._func
	if f == nil || sp <= w.sp || sp > w.hi {
		return false
	}
	// These are called by nobody: a fault or a signal put them between.
	injected := w.f != nil && (w.f.funcID == abi.FuncID_sigpanic || w.f.funcID == abi.FuncID_asyncPreempt)
	w.pc, w.sp, w.bp, w.exact = pc, sp, bp, injected
	w.f = f
	if injected {
		w.f = w.function()
	}
	return true
}

// gaspPlausible tells whether p can be a g: in RAM, with a stack in RAM.
func gaspPlausible(p uintptr) bool {
	if p%goarch.PtrSize != 0 || !gaspInRAM(p, unsafe.Sizeof(g{})) {
		return false
	}
	gp := (*g)(gaspPointer(uint64(p)))
	return gaspInRAM(gp.stack.lo, goarch.PtrSize) && gp.stack.hi > gp.stack.lo && gaspInRAM(gp.stack.lo, gp.stack.hi-gp.stack.lo)
}

// gaspPlausibleM tells whether mp can be the m of a g.
func gaspPlausibleM(mp *m) bool {
	p := uintptr(unsafe.Pointer(mp))
	return p%goarch.PtrSize == 0 && gaspInRAM(p, unsafe.Sizeof(m{}))
}
