//go:build tamago

package main

import (
	"runtime"
	"time"

	"gasp/board/machine"
)

// Death in an interrupt handler, and loops that nothing interrupts.
var interruptClasses = []class{
	{"irq-panic", "panic in an interrupt handler", func() { onTick(func() { panic("in an interrupt handler") }) }},
	{"irq-nil", "nil dereference in an interrupt handler", func() { onTick(func() { nilDereference(nil) }) }},
	{"irq-hang", "endless loop in an interrupt handler", func() { onTick(stall) }},
	{"hang", "endless loop with interrupts off; step n: on processor n", hangOnCPU},
	{"stall", "endless loop that cannot be preempted", stall},
}

func onTick(f func()) {
	machine.OnTick(f)
	alive(30 * time.Second)
}

// hangOnCPU hangs on the processor that the step names, the others being busy: the
// scheduler brings this goroutine there some time.
func hangOnCPU() {
	n := runtime.NumCPU()
	for range n - 1 {
		go func() {
			for {
			}
		}()
	}
	for {
		hang(uint64(step % n))
		time.Sleep(time.Millisecond)
	}
}

// hang takes no interrupts any more if it runs on the processor with that number; else it
// returns.
func hang(cpu uint64)
func stall()
