package runtime

import (
	"internal/abi"
	"internal/goarch"
)

// next goes to the caller, by the table of frame sizes that the linker makes for
// every instruction: there are no frame pointers. It reports whether there is one,
// else why not.
func (w *gaspWalk) next() bool {
	w.why, w.at = gaspTop, 0
	if w.f != nil && w.f.flag&abi.FuncFlagTopFrame != 0 {
		return false
	}
	if w.bySize() {
		return true
	}
	w.why, w.at = gaspBadReturn, w.sp
	return false
}

// bySize uses the size of the frame: at the stack pointer lies the return address. A
// function that has no frame, or not yet, has it in the link register.
func (w *gaspWalk) bySize() bool {
	size := uintptr(0)
	if w.f != nil {
		x, _ := pcvalue(w.info(), w.f.pcsp, w.pc, false)
		if x < 0 || x%goarch.PtrSize != 0 {
			return false
		}
		size = uintptr(x)
	}
	if size == 0 {
		return w.byLink()
	}
	return w.readable(w.sp) && w.step(gaspWord(w.sp), w.sp+size)
}

// byLink goes to where the link register leads: once, it belongs to the innermost
// frame only.
func (w *gaspWalk) byLink() bool {
	pc := w.lr
	f := findfunc(pc - 1)._func
	if !w.exact || f == nil {
		return false
	}
	w.pc, w.lr, w.exact, w.f = pc, 0, false, f
	return true
}

// step goes to a caller, if it can be one. A function that nobody called is put there
// as if it was, with the link register of what it interrupts on the stack (preparePanic
// and pushCall in signal_arm.go).
func (w *gaspWalk) step(pc, sp uintptr) bool {
	injected := w.f != nil && (w.f.funcID == abi.FuncID_sigpanic || w.f.funcID == abi.FuncID_asyncPreempt)
	if !w.up(pc, sp, 0) {
		return false
	}
	if injected && w.readable(sp) {
		w.lr = gaspWord(sp)
		w.sp += goarch.PtrSize
	}
	return true
}

// deferless tells whether no function on the stack, from the one that w is at on, defers
// anything.
func (w *gaspWalk) deferless() bool {
	const maxFrames = 40
	for range maxFrames {
		switch f := w.f; {
		case f == nil || f.deferreturn != 0:
			return false
		case f.flag&abi.FuncFlagTopFrame != 0, f.funcID == abi.FuncID_runtime_main:
			return true
		}
		if !w.next() {
			return false
		}
	}
	return false
}
