package runtime

import (
	"internal/stringslite"
	"unsafe"
)

// gaspScene is where a death happened: a context, and what its registers were.
type gaspScene struct {
	kind uint64
	gaspPoint
	exact     bool   // pc is the instruction, not a return address
	g         uint64 // the context's
	kernel    bool   // in the kernel, for the processor's thread
	announced bool   // by the runtime, which may be on another stack than the one it is about
	entered   bool   // that had come into the kernel, with its registers saved
	text      string // of throw and fatal
	code      int32  // of exit
}

// interrupted makes s the scene that an exception or interrupt found.
func (s *gaspScene) interrupted(kind uint64, f *gaspRegisters) {
	s.kind, s.gaspPoint, s.exact = kind, f.point(), true
	s.g, s.kernel, s.entered = f.g, f.kernel != 0, f.kernel != 0
}

func (s *gaspScene) walk() gaspWalk {
	return gaspWalk{gaspPoint: s.gaspPoint, exact: s.exact}
}

// success tells that the program has ended as it should.
func (s *gaspScene) success() bool { return s.kind == gaspByExit && s.code == 0 }

// gaspCurg returns the goroutine that s happened in or on behalf of, or nil.
func gaspCurg(s *gaspScene) *g {
	p := s.g
	if s.kernel {
		p = gaspThis().cur.g
	}
	return gaspGoroutineFor(p)
}

// gaspGoroutineFor returns the goroutine that a thread works for whose g is p, or
// nil.
func gaspGoroutineFor(p uint64) *g {
	if !gaspPlausible(uintptr(p)) {
		return nil
	}
	gp := (*g)(gaspPointer(p))
	if !gaspPlausibleM(gp.m) || !gaspPlausible(uintptr(unsafe.Pointer(gp.m.curg))) {
		return nil
	}
	return gp.m.curg
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

// gaspUnrecovered tells whether a fault of the goroutine gp at t can be the
// program's end without asking the runtime: no frame on the stack defers
// anything, so that nobody can recover. Then neither the runtime nor the
// program would do anything but print.
func gaspUnrecovered(t *gaspThread, gp *g) bool {
	if gp._defer != nil || gp._panic != nil {
		return false
	}
	w := gaspWalk{gaspPoint: t.point(), lo: gp.stack.lo, hi: gp.stack.hi, exact: true}
	w.start()
	if w.f != nil && w.f.deferreturn != 0 || !w.next() {
		return false
	}
	return w.deferless()
}
