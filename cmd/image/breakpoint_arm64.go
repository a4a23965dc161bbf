//go:build tamago

package main

import (
	"gasp/board/machine"
	"gasp/netlog"
)

// functionAlign is what functions begin at a multiple of (cmd/link/internal/arm64).
const functionAlign = 16

// breakInCrash has breakpoints count in the crash path too, which runs with debug
// exceptions masked: the clock, which it reads early, lets them in, once.
func breakInCrash() {
	let := false
	netlog.Default().SetClock(func() int64 {
		if !let && netlog.Default().Crashed() {
			let = true
			debugOn()
		}
		return machine.Now()
	})
}

// debugOn lets debug exceptions in where it is called.
func debugOn()
