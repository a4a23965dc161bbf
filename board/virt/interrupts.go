//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/gic"
	"gasp/board/inventory"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// controller is the machine's interrupt controller. Neither it nor its registers are heap memory: interrupt handlers
// use them.
var (
	controller              gic.GIC
	distributor, interface2 reg.MMIO
	redistributors          [gic.MaxRedistributors]reg.MMIO
	hasGIC                  bool

	timerID, tickID uint32 // of the virtual timer, and of the physical one
)

// Numbers of the interrupts that processors send each other.
const (
	kickSGI = 1 // to look what there is to do
	stopSGI = 2 // urgent: to stop
)

// startInterrupts sets the controller up for this processor.
func startInterrupts() {
	timerID, tickID = has.Timer.Virtual.ID, has.Timer.Physical.ID
	err := openGIC(&has.GIC)
	if err == nil {
		err = openCPU(0)
	}
	if err != nil {
		machine.Problem(err.Error())
		return
	}
	hasGIC = true
	if !controller.HasFIQ && !machine.Bare {
		controller.ByPriority = true
		arm64.MaskByPriority(uint64(interface2.Base))
	}
	admitUrgent(0)
}

func openGIC(g *inventory.GIC) error {
	d := registers(g.Distributor)
	if d == nil {
		return gic.ErrNoGIC
	}
	distributor = *d
	if g.Version == 2 {
		c := registers(g.CPU)
		if c == nil {
			return gic.ErrNoGIC
		}
		interface2 = *c
		return controller.Open2(&distributor, &interface2)
	}
	var all [gic.MaxRedistributors]reg.Space
	n := 0
	for _, r := range g.Redistributors {
		if w := registers(r); w != nil {
			redistributors[n] = *w
			all[n] = &redistributors[n]
			n++
		}
	}
	if n == 0 {
		return gic.ErrNoRedistributor
	}
	return controller.Open3(&distributor, all[:n], arm64.GICSystem{})
}

// openCPU sets up what the processor that it runs on has for itself.
func openCPU(cpu int) error {
	if err := controller.OpenCPU(cpu, arm64.Affinity()); err != nil {
		return err
	}
	controller.Enable(cpu, timerID, gic.IRQ, gic.Timer, has.Timer.Virtual.Edge)
	controller.Enable(cpu, kickSGI, gic.IRQ, gic.Device, true)
	return nil
}

// admitUrgent sets up what of that is urgent.
func admitUrgent(cpu int) {
	if controller.HasUrgent() {
		controller.Enable(cpu, stopSGI, gic.Urgent, gic.Watchdog, true)
		controller.Enable(cpu, tickID, gic.Urgent, gic.Watchdog, has.Timer.Physical.Edge)
	}
}

// acknowledge takes the next ordinary interrupt of the processor that it runs on.
func acknowledge(cpu int) (token, id uint32) {
	masks := arm64.MaskAll()
	token, id = controller.Acknowledge(cpu, gic.IRQ)
	arm64.RestoreMasks(masks)
	return token, id
}

// maxAtOnce bounds the interrupts that are handled at once.
const maxAtOnce = 64

// interrupt handles all that are pending.
//
//go:linkname interrupt runtime/goos.Interrupt
func interrupt(cpu, _ uint64) (kick bool) {
	kick = true
	for range maxAtOnce {
		token, id := acknowledge(int(cpu))
		switch {
		case id == gic.None:
			return kick
		case id == timerID:
			kick = false
			arm64.StopTimer()
			controller.End(gic.IRQ, token)
			if cpu == 0 {
				machine.Tick()
			}
			continue
		case id == trial.id.Load():
			trial.arrived.Store(true)
		case id == line.id && id != 0:
			machine.FrameInterrupt(0)
		case id > kickSGI:
			controller.Disable(int(cpu), id) // nobody would make it let go
		}
		controller.End(gic.IRQ, token)
	}
	return kick
}
