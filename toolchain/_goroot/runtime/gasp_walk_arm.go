package runtime

import (
	"internal/abi"
	"internal/goarch"
)

// next goes to the caller, by the table of frame sizes that the linker makes for
// every instruction: there are no frame pointers. The return address lies at SP, or
// is still in LR where the innermost function has no frame, or not yet. It reports
// whether there is one, else why not.
func (w *gaspWalk) next() bool {
	w.why, w.at = gaspTop, 0
	if w.f != nil && w.f.flag&abi.FuncFlagTopFrame != 0 {
		return false
	}
	size := uintptr(0)
	if w.f != nil {
		x, _ := pcvalue(w.info(), w.f.pcsp, w.pc, false)
		if x < 0 || x%goarch.PtrSize != 0 {
			w.why, w.at = gaspBadReturn, w.sp
			return false
		}
		size = uintptr(x)
	}
	pc := w.lr
	if size != 0 || pc == 0 {
		if !w.readable(w.sp) {
			w.why, w.at = gaspBadReturn, w.sp
			return false
		}
		pc = gaspWord(w.sp)
	}
	sp := w.sp + size
	// What a signal put between the function and its caller kept the caller's LR
	// above the frame (signal_arm.go, pushCall and preparePanic).
	pushed := w.f != nil && (w.f.funcID == abi.FuncID_sigpanic || w.f.funcID == abi.FuncID_asyncPreempt)
	lr := uintptr(0)
	if pushed {
		if !w.readable(sp) {
			w.why, w.at = gaspBadReturn, sp
			return false
		}
		lr = gaspWord(sp)
		sp += goarch.PtrSize
	}
	if !w.up(pc, sp, 0) {
		w.why, w.at = gaspBadReturn, w.sp
		return false
	}
	w.lr = lr
	return true
}
