//go:build tamago

package machine

import (
	"runtime"
	"strings"
	"unsafe"

	"gasp/netlog"
)

// With TamaGo's toolchain the runtime does not announce that it dies. It shows in
// who calls print.

var lineBegun bool

// overhear looks for the runtime's last words, before c is printed.
func overhear(c byte) {
	l := netlog.Default()
	if !lineBegun && !l.Crashed() {
		if pc, sp, ok := lastSpeaker(framePointer()); ok {
			d := Death{Kind: ByPanic, PC: pc, SP: sp}
			d.Fn, d.FnStart = FunctionAt(pc)
			Announce(&d)
		}
	}
	lineBegun = c != '\n'
}

// lastSpeaker follows the frame pointers through the runtime to the function that
// made it die, 0 if there is none. It reports whether the runtime dies.
func lastSpeaker(fp uintptr) (pc, sp uint64, dies bool) {
	if fp == 0 {
		return 0, 0, throwing()
	}
	low, high := runtime.MemRegion()
	start, end := uintptr(low), uintptr(high)
	for range maxFrames {
		if fp < start || fp > end-16 || fp%8 != 0 {
			break
		}
		frame := *(*[2]uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&fp))) // the caller's frame pointer, the return address
		f := findfunc(frame[1]).fn
		if f == nil {
			break
		}
		name := f.Name()
		switch {
		case kills(name):
			dies = true
		case strings.HasPrefix(name, "runtime."), strings.HasPrefix(name, "runtime/"): // runtime/goos.Printk
		case dies:
			return uint64(frame[1]), uint64(fp + 16), true
		default:
			return 0, 0, false
		}
		fp = frame[0]
	}
	return 0, 0, dies
}

const maxFrames = 24

func kills(name string) bool {
	return strings.HasPrefix(name, "runtime.fatal") || strings.HasPrefix(name, "runtime.throw")
}

// callers is no variable of throwing, where it might have to be allocated.
var callers [maxFrames]uintptr

// throwing reports whether the runtime dies on this stack. It does on the system stack:
// the one that it died on is not looked at.
func throwing() bool {
	n := runtime.Callers(0, callers[:])
	for _, pc := range callers[:n] {
		if f := findfunc(pc - 1).fn; f != nil && kills(f.Name()) {
			return true
		}
	}
	return false
}

// FunctionAt returns the name and the start of the function of pc.
func FunctionAt(pc uint64) (name string, start uint64) {
	if f := findfunc(uintptr(pc)).fn; f != nil {
		name, start = f.Name(), uint64(f.Entry())
	}
	return name, start
}

// findfunc is FuncForPC without the memory that it allocates for inlined
// functions.
//
//go:linkname findfunc runtime.findfunc
func findfunc(pc uintptr) struct {
	fn     *runtime.Func
	module unsafe.Pointer
}
