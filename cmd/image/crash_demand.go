//go:build tamago && (amd64 || arm64)

package main

import (
	"log/slog"
	"runtime"
	"time"
	"unsafe"

	"gasp/board/machine"
	"gasp/netlog"
)

var demandClasses = []class{
	{"demand", "panic on a processor while the first one reports on demand", panicBesideReport},
	{"demand-fault", "a report on demand that faults while another one is asked for, then panic", faultInReport},
}

// faultInReport has the clock of the first processor's report on demand send that one more NMI. Then the report faults, at
// a goroutine whose stack is said to be where no page is.
func faultInReport() {
	parked := make(chan uintptr)
	go func() {
		gp, _ := runtime.GetG()
		parked <- uintptr(gp)
		select {}
	}()
	gp := <-parked
	_, mp := runtime.GetG()
	runtime.Gosched()
	const stackPointer, page = 7, 4096 // sched.sp of a g, words
	g := (*[stackPointer + 1]uintptr)(unsafe.Pointer(&memory(gp, 8*(stackPointer+1))[0]))
	g0 := *(**[2]uintptr)(unsafe.Pointer(&memory(uintptr(mp), 8)[0])) // the first of an m
	g[1] = g0[0]
	g[0] = g[1] - page // a guard page
	g[stackPointer] = g[0]

	asked, again := false, false
	netlog.Default().SetClock(func() int64 {
		if asked && !again {
			again = true
			askForReport()
		}
		return machine.Now()
	})
	interruptsOff()
	asked = true
	askForReport()
	interruptsOn()
	panic("behind two reports on demand")
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

// cpu is the initial APIC id of the processor that it runs on, or its affinity.
func cpu() uint64

// askForReport sends the first processor an NMI, or presses the power key of QEMU's virt machine, and waits a little.
func askForReport()
