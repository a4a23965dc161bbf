package runtime

import "internal/runtime/kernel"

// gaspCPUArch is what of a gaspCPU this architecture needs; TPIDR_EL1 points to the
// gaspCPU.
type gaspCPUArch struct {
	nmiFX gaspVectors
}

func (c *gaspCPU) setUpArch() {
	c.idle.r[gaspRegG] = c.idle.g
}

// leaveTLS leaves the TLS of the thread that ran: there is none.
func (c *gaspCPU) leaveTLS() {}

// idleInterrupts handles what came while the kernel idled: it is still pending.
func (c *gaspCPU) idleInterrupts() { goosInterrupt(c.number, gaspIRQ0) }

// gaspHWCap is AT_HWCAP of the auxiliary vector.
//
//go:nosplit
func gaspHWCap() uintptr { return kernel.HWCap(gaspFeatures()) }

// gaspFeatures reads ID_AA64ISAR0_EL1 and ID_AA64PFR0_EL1.
//
//go:nosplit
func gaspFeatures() (isar0, pfr0 uint64)
