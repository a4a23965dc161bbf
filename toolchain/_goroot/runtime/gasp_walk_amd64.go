package runtime

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

// gaspBelow is how far below the stack pointer a frame pointer may lead.
const gaspBelow = 0
