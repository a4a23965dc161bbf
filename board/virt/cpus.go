//go:build tamago && arm64

package virt

import (
	"sync/atomic"
	"unsafe"

	"gasp/board/arm64"
	"gasp/board/gic"
	"gasp/board/machine"
)

// The processors, which PSCI starts (Arm DEN 0022, 5.1.4).
var cpus struct {
	affinities [machine.MaxCPUs]uint64 // as the inventory has them, this processor's first
	n          int
	online     [machine.MaxCPUs]uint64 // those of the kernel's numbers
	up         int                     // how many of them run
	blocks     [machine.MaxCPUs]arm64.StartBlock
}

const (
	affinityMask = 0xff_00ff_ffff // of MPIDR_EL1

	startWait = 2_000_000_000 // ns for a processor to come up; an emulator may be late
)

// countCPUs finds the processors that maxcpus= and nosmp leave.
//
//go:linkname countCPUs runtime/goos.CPUs
func countCPUs() uint64 {
	own := arm64.Affinity() & affinityMask
	cpus.affinities[0], cpus.online[0], cpus.n, cpus.up = own, own, 1, 1
	most := machine.WantedCPUs()
	if !hasGIC {
		return 1 // nobody could wake them
	}
	for _, id := range has.CPUs[:has.CPUCount] {
		if id != own && cpus.n < most {
			cpus.affinities[cpus.n] = id
			cpus.n++
		}
	}
	if cpus.n > 1 && !tick.runs {
		machine.Problem("urgent interrupts do not come: nothing could stop another processor, so one is used")
		cpus.n = 1
	}
	return uint64(cpus.n)
}

// startCPU starts processor i of those that countCPUs found.
//
//go:linkname startCPU runtime/goos.StartCPU
func startCPU(i uint64, entry, arg uintptr, up *uint32) bool {
	if i >= uint64(cpus.n) {
		return false
	}
	cpus.online[cpus.up] = cpus.affinities[i]
	block := &cpus.blocks[i]
	*block = arm64.StartBlock{Entry: uint64(entry), Arg: uint64(arg)}
	if arm64.PSCI(psci, cpuOn, cpus.affinities[i], arm64.SecondaryPC(), uint64(uintptr(unsafe.Pointer(block)))) == 0 {
		for end := machine.Now() + startWait; machine.Now() < end; {
			if atomic.LoadUint32(up) != 0 {
				cpus.up++
				return true
			}
		}
	}
	machine.Problem("a processor does not start")
	return false
}

// cpuUp sets up the interrupts of the processor that it runs on.
//
//go:linkname cpuUp runtime/goos.CPUUp
func cpuUp(cpu uint64) {
	if err := openCPU(int(cpu)); err != nil {
		machine.Problem("a processor has no interrupts")
	}
	admitUrgent(int(cpu))
	arm64.AdmitUrgent()
}

// thisCPU is the kernel's number of the processor that it runs on.
//
//go:nosplit
//go:linkname thisCPU gasp/board/machine.thisCPU
func thisCPU() int {
	if cpus.up > 1 {
		own := arm64.Affinity() & affinityMask
		for i := range min(cpus.up, machine.MaxCPUs) {
			if cpus.online[i] == own {
				return i
			}
		}
	}
	return 0
}

// kick interrupts a processor.
//
//go:linkname kick runtime/goos.Kick
func kick(cpu uint64) { controller.Send(int(cpu), gic.IRQ, kickSGI) }

// stopCPU sends a processor an urgent interrupt.
//
//go:linkname stopCPU runtime/goos.Stop
func stopCPU(cpu uint64) { controller.Send(int(cpu), gic.Urgent, stopSGI) }
