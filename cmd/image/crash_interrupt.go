//go:build tamago

package main

import (
	"log/slog"
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
	{"demand", "panic on a processor while the first one reports on demand", panicBesideReport},
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

// panicBesideReport panics on another processor than the first, which it has sent
// an NMI.
func panicBesideReport() {
	if runtime.NumCPU() == 1 {
		slog.Error("this is the only processor")
		return
	}
	for {
		interruptsOff()
		if cpu() != 0 {
			break
		}
		interruptsOn()
		time.Sleep(time.Millisecond)
	}
	askForReport()
	panic("while another processor reports")
}

// cpu is the initial APIC id of the processor that it runs on.
func cpu() uint64

// askForReport sends the first processor an NMI and waits a little.
func askForReport()

func hang(cpu uint64)
func stall()
