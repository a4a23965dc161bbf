//go:build amd64 || arm64

package runtime

import (
	"internal/abi"
	"internal/goarch"
)

// Where there are frame pointers, they lead from frame to frame.

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
	case w.system && gaspInRAM(w.bp, 2*goarch.PtrSize) && (w.bp < w.lo || w.bp >= w.hi):
	case w.bp == 0 && !w.exact:
		// the end of a chain, as of a kernel's own stack
	case w.bp%goarch.PtrSize != 0 || w.bp+gaspBelow < w.sp || w.bp >= w.hi:
		w.why, w.at = gaspBadPointer, w.bp
	default:
		w.why, w.at = gaspBadReturn, w.bp+goarch.PtrSize
	}
	return false
}

// deferless tells whether no function on the stack, from the one that w is at on, defers
// anything. It follows frame pointers only: it is about a stack that is sound.
func (w *gaspWalk) deferless() bool {
	const maxFrames = 40
	f, p, least := w.f, w.bp, w.lo
	for range maxFrames {
		switch {
		case f == nil:
			return false
		case f.flag&abi.FuncFlagTopFrame != 0, f.funcID == abi.FuncID_runtime_main:
			return true
		case f.deferreturn != 0 || p%goarch.PtrSize != 0 || p < least || p >= w.hi-2*goarch.PtrSize:
			return false
		}
		f = findfunc(gaspWord(p+goarch.PtrSize) - 1)._func
		least, p = p+2*goarch.PtrSize, gaspWord(p)
	}
	return false
}
