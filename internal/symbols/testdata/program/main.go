// Program prints where it is, as the Go runtime sees it: a line for each frame,
// "pc function file line inlined entry".
package main

import (
	"fmt"
	"runtime"
)

func where() {
	var pcs [64]uintptr
	n := runtime.Callers(1, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fmt.Println(f.PC, f.Function, f.File, f.Line, f.Func == nil, f.Entry)
	}
}

func inlined() { deeper() } // inlined into generic

func deeper() {
	// Also inlined.
	outer()
}

//go:noinline
func outer() { where() }

//go:noinline
func generic[T any](T) { inlined() }

type thing struct{}

func (*thing) method() { func() { generic("") }() }

func main() {
	generic(1)
	new(thing).method()
	fmt.Println(&constant)
}

var constant = [16]byte{1}
