//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/gic"
)

// canDoze tells whether the timer can wake the processor. WFI ends when its interrupt is pending, masked or not: so nothing of what
// died is needed for it.
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
	return true
}

// doze sleeps until the given time, machine.PollInterval at the most.
//
//go:linkname doze gasp/board/machine.doze
func doze(until int64) {
	arm64.Alarm(until)
	arm64.WaitForInterrupt()
	arm64.StopTimer()
	cpu := thisCPU()
	for range maxAtOnce {
		token, id := acknowledge(cpu)
		if id == gic.None {
			return
		}
		controller.End(gic.IRQ, token)
	}
}
