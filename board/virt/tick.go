//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/gic"
	"gasp/board/machine"
	"gasp/netlog"
)

// A tick is an urgent interrupt of the physical timer (Arm ARM, D11.2.4), which the processor that it is to come to has for itself. It comes
// through when ordinary ones are masked. The timer of a processor's own asks for it as long as it has run out: so it is stopped before the interrupt
// is over, and armed again.

const (
	firstTick     = 1_000_000   // ns
	firstTickWait = 500_000_000 // ns: an emulator on a busy machine is late, or stopped as a whole
	firstTickLook = 1_000_000   // ns: what is longer than a look counts as one
	maxTickLooks  = 1 << 26
	windAfter     = 20_000_000 // ns: more often would only cost
)

var tick struct {
	cpu   int   // number of the processor that ticks come to
	runs  bool  // they do come
	wound int64 // when the timer was wound up, in ns
}

// startTick starts the watchdog, if the command line wants one and ticks do come.
func startTick() {
	switch {
	case machine.Bare || machine.Settings().Watchdog == 0:
		return
	case tick.runs:
		machine.TicksBegin()
		return
	}
	netlog.Default().Log(netlog.Notice, "no timer makes urgent interrupts: a hang with interrupts off is not noticed")
}

// tryTick waits for the first tick, with ordinary interrupts masked. It runs on the first processor, whose timer it is, when there is no other yet.
func tryTick() {
	if machine.Bare || !hasGIC || !controller.HasUrgent() {
		return
	}
	arm64.MaskInterrupts()
	defer arm64.UnmaskInterrupts()
	from := machine.Ticks()
	tick.runs = true
	arm64.ArmPhysicalTimer(firstTick)
	waited, last := int64(0), machine.Now()
	for n := 0; machine.Ticks() == from; n++ {
		if n == maxTickLooks || waited >= firstTickWait {
			arm64.StopPhysicalTimer()
			tick.runs = false
			return
		}
		now := machine.Now()
		waited += min(now-last, firstTickLook)
		last = now
	}
}

//go:linkname windTick gasp/board/machine.windTick
func windTick(now int64) {
	if since := now - tick.wound; tick.runs && (since < 0 || since >= windAfter) && thisCPU() == tick.cpu {
		tick.wound = now
		arm64.ArmPhysicalTimer(machine.TickNs)
	}
}

// takeTicks makes the ticks come to the processor that it runs on.
//
//go:linkname takeTicks gasp/board/machine.takeTicks
func takeTicks() {
	if tick.runs {
		tick.cpu = thisCPU()
		arm64.ArmPhysicalTimer(machine.TickNs)
	}
}

// nmi is called at an urgent interrupt, whatever it interrupted, and says what is to be done. Of one that says that another processor stops this one,
// the kernel knows.
//
//go:linkname nmi runtime/goos.NMI
func nmi() machine.Verdict {
	cpu := thisCPU()
	var token, id uint32
	if controller.HasFIQ {
		token, id = controller.Acknowledge(cpu, gic.Urgent)
	} else {
		id = arm64.Taken()
	}
	if id >= gic.None {
		return machine.GoOn
	}
	verdict := machine.GoOn
	switch id {
	case tickID:
		arm64.StopPhysicalTimer()
	case button.id:
		verdict = pressed()
	}
	if controller.HasFIQ {
		controller.End(gic.Urgent, token)
	}
	if id != tickID || cpu != tick.cpu {
		return verdict
	}
	arm64.ArmPhysicalTimer(machine.TickNs)
	return machine.Ticked()
}

//go:linkname reloadWatchdog gasp/board/machine.reloadWatchdog
func reloadWatchdog(int64) {}
