//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/gic"
	"gasp/board/machine"
)

// canDoze tells whether the timer can wake the processor. WFI ends when its interrupt is pending, masked or not: so nothing of what
// died is needed for it but the controller, which may have been written to: so that is tried.
//
//go:linkname canDoze gasp/board/machine.canDoze
func canDoze() bool {
	if !hasGIC {
		return false
	}
	cpu := thisCPU()
	line.MaskAll()
	controller.Forget(cpu)
	controller.Enable(cpu, timerID, gic.IRQ, gic.Timer, has.Timer.Virtual.Edge)
	arm64.Alarm(0)
	waited, last := int64(0), machine.Now()
	for n := 0; n < maxTickLooks && waited < trialWait; n++ {
		if drain(cpu) {
			return true
		}
		now := machine.Now()
		waited += min(now-last, trialLook)
		last = now
	}
	arm64.StopTimer()
	return false
}

// doze sleeps until the given time, machine.PollInterval at the most.
//
//go:linkname doze gasp/board/machine.doze
func doze(until int64) {
	arm64.Alarm(until)
	arm64.WaitForInterrupt()
	drain(thisCPU())
	arm64.StopTimer()
}

// drain takes the interrupts that are pending, and tells whether the timer's is one of them.
func drain(cpu int) (timer bool) {
	for range maxAtOnce {
		token, id := acknowledge(cpu)
		if id == gic.None {
			break
		}
		if id == timerID {
			timer = true
			arm64.StopTimer()
		}
		controller.End(gic.IRQ, token)
	}
	return timer
}
