//go:build tamago && arm64

package arm64

import (
	"gasp/board/gic"
	"gasp/board/machine"
	"gasp/drivers/reg"
)

// controller is the machine's interrupt controller.
var (
	controller  gic.GIC
	controllers [2]reg.MMIO // its registers: not on the heap, for interrupt handlers
	hasGIC      bool
)

// Numbers of the interrupts that processors send each other.
const (
	kickSGI = 1 // to look what there is to do
	stopSGI = 2 // as FIQ
)

// startGIC finds the controller in the device tree, and sets it up for this processor.
func startGIC() {
	const version2, version3 = "arm,cortex-a15-gic", "arm,gic-v3"
	err := gic.ErrNoGIC
	if n, ok := tree.Find(version3); ok && openWindows(n) {
		err = controller.Open3(&controllers[0], &controllers[1], systemRegisters{})
	} else if n, ok := findAny(version2, "arm,gic-400", "arm,cortex-a7-gic", "arm,cortex-a9-gic"); ok && openWindows(n) {
		err = controller.Open2(&controllers[0], &controllers[1])
	}
	if err == nil {
		err = openCPU(0)
	}
	if err != nil {
		machine.Problem(err.Error() + ": no interrupts")
		return
	}
	hasGIC = true
}
