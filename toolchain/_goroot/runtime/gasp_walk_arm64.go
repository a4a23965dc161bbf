package runtime

import "internal/abi"

// Go's frames (cmd/internal/obj/arm64): at the stack pointer lies the return address, below it the caller's frame
// pointer, to which the frame pointer leads. A function that calls nobody has its return address in the link register.

// byPointer follows the frame pointer, to the caller's, and the return address.
func (w *gaspWalk) byPointer() bool {
	p := w.bp
	if p%8 != 0 || p < w.lo || p+gaspBelow < w.sp || !w.readable(p+8) {
		return false
	}
	bp := gaspWord(p)
	return w.step(gaspWord(p+8), bp+gaspBelow, bp)
}

// bySize uses the size of the frame, which the linker tabulates for every
// instruction. Where there is no function there is none.
func (w *gaspWalk) bySize() bool {
	size := uintptr(0)
	if w.f != nil {
		x, _ := pcvalue(w.info(), w.f.pcsp, w.pc, false)
		if x < 0 || x%8 != 0 {
			return false
		}
		size = uintptr(x)
	}
	if size == 0 {
		return w.byLink()
	}
	bp := w.bp
	if p := w.sp - gaspBelow; bp == p && p >= w.lo && w.readable(p+8) {
		bp = gaspWord(p)
	}
	return w.readable(w.sp) && w.step(gaspWord(w.sp), w.sp+size, bp)
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

// gaspBelow is how far below the stack pointer a frame pointer may lead.
const gaspBelow = 8

// step goes to a caller, if it can be one. A function that nobody called is put there
// as if it was, with the link register of what it interrupts on the stack (preparePanic
// and pushCall in signal_arm64.go).
func (w *gaspWalk) step(pc, sp, bp uintptr) bool {
	const frame = 16
	injected := w.f != nil && (w.f.funcID == abi.FuncID_sigpanic || w.f.funcID == abi.FuncID_asyncPreempt)
	if !w.up(pc, sp, bp) {
		return false
	}
	if injected && w.readable(sp) && w.hi-sp > frame {
		w.lr = gaspWord(sp)
		w.sp += frame
	}
	return true
}
