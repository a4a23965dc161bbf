//go:build tamago

package main

import (
	"log/slog"
	"path"
	"runtime"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"gasp/board/machine"
	"gasp/netlog"
)

// A statement is a place in the program at which it can be stopped.
type statement struct {
	pc       uintptr
	function string
	file     string
	line     int
}

// statements lists those of the named functions, in their order, as the
// program's own tables have them: those of inlined functions too. A function
// that is not there has none.
func statements(functions ...string) (list []statement) {
	found := make([][]statement, len(functions))
	start, end := runtime.TextRegion()
	for pc := uintptr(start); pc < uintptr(end); pc += functionAlign {
		f := findfunc(pc).fn
		if f == nil || f.Entry() != pc {
			continue
		}
		if i := slices.Index(functions, f.Name()); i >= 0 {
			found[i] = statementsOf(f, uintptr(end))
		}
	}
	return slices.Concat(found...)
}

// statementsOf takes the first address of each line: what follows of the same
// line is often what the compiler put behind the function, such as a call of
// panicIndex.
func statementsOf(f *runtime.Func, end uintptr) (list []statement) {
	for pc := f.Entry(); pc < end && findfunc(pc).fn == f; pc++ {
		file, line := f.FileLine(pc)
		known := func(s statement) bool { return s.file == file && s.line == line }
		if line > 0 && !slices.ContainsFunc(list, known) {
			list = append(list, statement{pc, f.Name(), file, line})
		}
	}
	return list
}

// findfunc is FuncForPC for the function that pc was compiled into.
//
//go:linkname findfunc runtime.findfunc
func findfunc(pc uintptr) struct {
	fn     *runtime.Func
	module unsafe.Pointer
}

// setBreakpoints arms those of pc whose bit of mask is set, and no others.
func setBreakpoints(pc *[4]uintptr, mask uintptr)

// breakpoints is what breakAt has set.
var breakpoints struct {
	pc   [4]uintptr
	mask uintptr
}

// breakAt makes the processor raise an exception before it executes one of up to four
// addresses.
func breakAt(list []statement) {
	b := &breakpoints
	b.mask = 0
	for i, s := range list[:min(len(list), len(b.pc))] {
		b.pc[i] = s.pc
		b.mask |= 1 << i
	}
	breakHere()
}

func breakHere() { setBreakpoints(&breakpoints.pc, breakpoints.mask) }

// chosen is gasp.breaks= statements from number n on.
func chosen(list []statement, n int) (some []statement) {
	count, _ := number("gasp.breaks")
	for i := range min(max(count, 1), 4, len(list)) {
		s := list[(n+i)%len(list)]
		slog.Warn("stops before", "step", (n+i)%len(list), "of", len(list), "function", s.function,
			"line", path.Base(s.file)+":"+strconv.Itoa(s.line))
		some = append(some, s)
	}
	return some
}

// stopInside stops at step gasp.step= of the functions. If the program does not
// get there, as where an error is handled that does not happen, at the next one.
func stopInside(functions ...string) {
	const wait, pause = 250 * time.Millisecond, 5 * time.Millisecond
	awaitStation()
	list := statements(functions...)
	for i := range list {
		breakAt(chosen(list, step+i))
		machine.OnTick(breakHere) // the first processor looks after the device
		for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(pause) {
			slog.Info("not stopped yet")
			netlog.Default().Write([]byte("not stopped in Write either\n"))
		}
	}
	slog.Error("never stopped", "functions", functions)
}

// stopInCrash panics, and stops at step gasp.step= of the functions if the crash
// path gets there.
func stopInCrash(functions ...string) {
	list := statements(functions...)
	if len(list) == 0 {
		slog.Error("none of the functions exists", "functions", functions)
		return
	}
	some := chosen(list, step)
	interruptsOff()
	breakAt(some)
	panic("to be stopped while it is reported")
}

// awaitStation waits until records leave the machine, or for 3 s.
func awaitStation() {
	const most, pause = 3 * time.Second, time.Millisecond
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(pause) {
		if s := netlog.Default().Stats(); s.Link && s.Resolved && (!s.Sealed || s.Answers > 0) {
			return
		}
	}
}
