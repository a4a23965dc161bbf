//go:build tamago

package main

import (
	"log/slog"
	"runtime"
	"time"
)

var demandClasses = []class{
	{"demand", "panic on a processor while the first one reports on demand", panicBesideReport},
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
