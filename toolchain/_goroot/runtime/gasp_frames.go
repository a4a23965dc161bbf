package runtime

import (
	"internal/abi"
	"internal/goarch"
)

// The frames of one stack that are shown: the innermost and, if there are more
// in all than both, the outermost ones.
const (
	gaspInner = 50
	gaspOuter = 50
	// gaspMaxWords is how many return addresses are listed of a stack that
	// cannot be followed.
	gaspMaxWords = 24
)

// gaspLine is the line of the report that is being written.
var gaspLine gaspText

// gaspFrames writes the frames of w: function, file and line of each, and why it
// ends if it ends before the stack does. Of a stack that cannot be followed any
// further it lists what looks like return addresses. all shows the runtime's
// own functions too.
func gaspFrames(w *gaspWalk, all bool) {
	var ring [gaspOuter]struct {
		pc    uintptr
		exact bool
	}
	w.start()
	callee := abi.FuncIDNormal
	if w.f == nil {
		gaspLine.hex(w.pc)
		gaspLine.str(": not code of this program")
		gaspLine.end()
	}
	shown, beyond := 0, 0
	for more := true; more; more = w.next() {
		switch {
		case w.f == nil:
		case shown < gaspInner:
			var n int
			n, callee = gaspFrame(w, all, shown == 0, callee)
			shown += n
		default:
			r := &ring[beyond%gaspOuter]
			r.pc, r.exact = w.pc, w.exact
			beyond++
		}
	}
	if beyond > gaspOuter {
		gaspLine.str("...")
		gaspLine.dec(uint64(beyond - gaspOuter))
		gaspLine.str(" frames elided...")
		gaspLine.end()
	}
	for i := max(0, beyond-gaspOuter); i < beyond; i++ {
		outer := gaspWalk{gaspPoint: gaspPoint{pc: ring[i%gaspOuter].pc}, exact: ring[i%gaspOuter].exact}
		outer.f = outer.function()
		_, callee = gaspFrame(&outer, all, false, callee)
	}
	if w.why != gaspTop {
		gaspLine.str("traceback stops: ")
		gaspLine.str(gaspWhys[w.why])
		gaspLine.str(" (")
		gaspLine.hex(w.at)
		gaspLine.char(')')
		gaspLine.end()
		gaspWords(w)
	}
}

// gaspFrame writes the functions of the frame at w, inlined ones first. It
// returns how many and the last one's id, the callee of the next.
func gaspFrame(w *gaspWalk, all, first bool, callee abi.FuncID) (shown int, last abi.FuncID) {
	u, uf := newInlineUnwinder(w.info(), w.symbolPC())
	for ; uf.valid(); uf = u.next(uf) {
		sf := u.srcFunc(uf)
		show := all || w.fault && first && shown == 0 || gaspShows(sf, first && shown == 0, callee)
		callee = sf.funcID
		if !show {
			continue
		}
		shown++
		gaspLine.function(sf.name())
		gaspLine.str("(...)")
		gaspLine.end()
		file, line := u.fileLine(uf)
		gaspPlace(file, line)
		if entry := w.info().entry(); !u.isInlined(uf) && w.pc > entry {
			gaspLine.str(" +")
			gaspLine.hex(w.pc - entry)
		}
		gaspLine.end()
	}
	return shown, callee
}

func gaspPlace(file string, line int) {
	gaspLine.char('\t')
	gaspLine.str(file)
	gaspLine.char(':')
	gaspLine.dec(uint64(line))
}

// gaspShows tells whether a frame is of interest to the program's author: the
// rule of showfuncinfo, which depends on GOTRACEBACK besides.
func gaspShows(sf srcFunc, first bool, callee abi.FuncID) bool {
	if sf.funcID == abi.FuncIDWrapper && elideWrapperCalling(callee) {
		return false
	}
	name := sf.name()
	const runtime = "runtime."
	return len(name) <= len(runtime) || name[:len(runtime)] != runtime || name == "runtime.gopanic" && !first ||
		name[len(runtime)] >= 'A' && name[len(runtime)] <= 'Z'
}

// gaspWords lists the words above w that could be return addresses.
func gaspWords(w *gaspWalk) {
	listed := 0
	for p := max(w.sp, w.lo); w.readable(p) && listed < gaspMaxWords; p += goarch.PtrSize {
		v := gaspWord(p)
		if v < firstmoduledata.text || v >= firstmoduledata.etext {
			continue
		}
		if listed%4 == 0 {
			if listed > 0 {
				gaspLine.end()
			}
			gaspLine.str("on the stack:")
		}
		gaspLine.char(' ')
		gaspLine.hex(v)
		listed++
	}
	if listed > 0 {
		gaspLine.end()
	}
}

// gaspCreatedBy writes who started gp.
func gaspCreatedBy(gp *g) {
	f := findfunc(gp.gopc)
	if gp.goid == 1 || !f.valid() || !gaspShows(f.srcFunc(), false, abi.FuncIDNormal) {
		return
	}
	gaspLine.str("created by ")
	gaspLine.function(funcname(f))
	if gp.parentGoid != 0 {
		gaspLine.str(" in goroutine ")
		gaspLine.dec(gp.parentGoid)
	}
	gaspLine.end()
	file, line := funcline1(f, gp.gopc-1, false)
	gaspPlace(file, int(line))
	if gp.gopc > f.entry() {
		gaspLine.str(" +")
		gaspLine.hex(gp.gopc - f.entry())
	}
	gaspLine.end()
}
