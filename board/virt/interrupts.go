//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/arm64"
	"gasp/board/devicetree"
	"gasp/board/gic"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// controller is the machine's interrupt controller. Neither it nor its registers are heap memory: interrupt handlers
// use them.
var (
	controller          gic.GIC
	distributor, second reg.MMIO // the latter: processor interface, or redistributors
	hasGIC              bool

	timerID, tickID uint32 // of the virtual timer, and of the physical one
)

// Numbers of the interrupts that processors send each other.
const (
	kickSGI = 1 // to look what there is to do
	stopSGI = 2 // as FIQ: to stop
)

// Interrupts of the generic timer by their order in the tree (Linux Documentation/devicetree/bindings/timer/arm,arch_timer.yaml),
// and where they usually are.
const (
	treePhysical = 1
	treeVirtual  = 2

	usualPhysical = gic.FirstPPI + 14
	usualVirtual  = gic.FirstPPI + 11
)

// startInterrupts finds the controller and sets it up for this processor.
func startInterrupts() {
	timerID, tickID = usualVirtual, usualPhysical
	if n, ok := find("arm,armv8-timer", "arm,armv7-timer"); ok {
		timerID = number(n, treeVirtual, usualVirtual)
		tickID = number(n, treePhysical, usualPhysical)
	}
	err := gic.ErrNoGIC
	if n, ok := tree.Find("arm,gic-v3"); ok && mapGIC(n) {
		err = controller.Open3(&distributor, &second, arm64.GICSystem{})
	} else if n, ok := find("arm,cortex-a15-gic", "arm,gic-400", "arm,cortex-a7-gic", "arm,cortex-a9-gic"); ok && mapGIC(n) {
		err = controller.Open2(&distributor, &second)
	}
	if err == nil {
		err = openCPU(0)
	}
	if err != nil {
		machine.Problem(err.Error())
		return
	}
	hasGIC = true
}

func mapGIC(n devicetree.Node) bool {
	d, s := registers(n, 0), registers(n, 1)
	if d == nil || s == nil {
		return false
	}
	distributor, second = *d, *s
	return true
}

// number is the number of interrupt i of a node.
func number(n devicetree.Node, i int, usual uint32) uint32 {
	if v, ok := n.Interrupt(i); ok {
		if id, _, ok := v.GIC(); ok {
			return id
		}
	}
	return usual
}

// openCPU sets up what the processor that it runs on has for itself.
func openCPU(cpu int) error {
	if err := controller.OpenCPU(cpu, arm64.Affinity()); err != nil {
		return err
	}
	controller.Enable(cpu, timerID, gic.IRQ, gic.Timer, false)
	controller.Enable(cpu, kickSGI, gic.IRQ, gic.Device, true)
	if controller.HasFIQ {
		controller.Enable(cpu, stopSGI, gic.FIQ, gic.Watchdog, true)
		controller.Enable(cpu, tickID, gic.FIQ, gic.Watchdog, false)
	}
	return nil
}

// maxAtOnce bounds the interrupts that are handled at once.
const maxAtOnce = 64

// interrupt handles all that are pending.
//
//go:linkname interrupt runtime/goos.Interrupt
func interrupt(cpu, _ uint64) (kick bool) {
	kick = true
	for range maxAtOnce {
		token, id := controller.Acknowledge(gic.IRQ)
		switch {
		case id >= gic.None:
			return kick
		case id == timerID:
			kick = false
			arm64.StopTimer()
			controller.End(gic.IRQ, token)
			if cpu == 0 {
				machine.Tick()
			}
			continue
		case id == line.id && id != 0:
			machine.FrameInterrupt(0)
		case id > kickSGI:
			controller.Disable(int(cpu), id) // nobody would make it let go
		}
		controller.End(gic.IRQ, token)
	}
	return kick
}
