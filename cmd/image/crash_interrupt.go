//go:build tamago

package main

import (
	"time"

	"gasp/board/x86"
)

// Death in an interrupt handler, and loops that nothing interrupts.
var interruptClasses = []class{
	{"irq-panic", "panic in an interrupt handler", func() { onTick(func() { panic("in an interrupt handler") }) }},
	{"irq-nil", "nil dereference in an interrupt handler", func() { onTick(func() { nilDereference(nil) }) }},
	{"irq-hang", "endless loop in an interrupt handler", func() { onTick(stall) }},
	{"hang", "endless loop with interrupts off", hang},
	{"stall", "endless loop that cannot be preempted", stall},
}

func onTick(f func()) {
	x86.OnTick(f)
	alive(30 * time.Second)
}

func hang()
func stall()
