package runtime

import "internal/abi"

// next goes to the caller: by the frame pointer, but by the table of frame sizes
// where an instruction was interrupted that may not have set it up yet, or where
// it is damaged. It reports whether there is one, else why not.
func (w *gaspWalk) next() bool {
	w.why, w.at = gaspTop, 0
	if w.f != nil && w.f.flag&abi.FuncFlagTopFrame != 0 {
		return false
	}
	if w.exact {
		if w.bySize() || w.byPointer() {
			return true
		}
	} else if w.byPointer() || w.bySize() {
		return true
	}
	switch {
	case w.system && gaspInRAM(w.bp, 16) && (w.bp < w.lo || w.bp >= w.hi):
	case w.bp == 0 && !w.exact:
		// the end of a chain, as of a kernel's own stack
	case w.bp%8 != 0 || w.bp < w.sp || w.bp >= w.hi:
		w.why, w.at = gaspBadPointer, w.bp
	default:
		w.why, w.at = gaspBadReturn, w.bp+8
	}
	return false
}

// byPointer follows the frame pointer: there lie the caller's and the return
// address.
func (w *gaspWalk) byPointer() bool {
	p := w.bp
	if !w.readable(p) || !w.readable(p+8) {
		return false
	}
	return w.up(gaspWord(p+8), p+16, gaspWord(p))
}

// bySize uses the distance from SP to the return address, which the linker
// tabulates for every instruction. Where there is no function there is none.
func (w *gaspWalk) bySize() bool {
	size := uintptr(0)
	if w.f != nil {
		x, _ := pcvalue(w.info(), w.f.pcsp, w.pc, false)
		if x < 0 || x%8 != 0 {
			return false
		}
		size = uintptr(x)
	}
	p := w.sp + size
	if p < w.sp || !w.readable(p) {
		return false
	}
	bp := w.bp
	if size >= 8 {
		bp = gaspWord(p - 8)
	}
	return w.up(gaspWord(p), p+8, bp)
}
