package runtime

// gaspCPUArch is what of a gaspCPU this architecture needs; TPIDRPRW leads to the
// gaspCPU.
type gaspCPUArch struct {
	frames [5]gaspExceptionFrame // of the modes SVC, ABT, UND, IRQ and FIQ: their R13 leads there
	nmiFX  gaspVFP
}

func (c *gaspCPU) setUpArch() {}

// leaveTLS: g is in a register.
func (c *gaspCPU) leaveTLS() {}

// idleInterrupts handles what came while the kernel idled: interrupts are off then
// too, and WFI returns when one is pending.
func (c *gaspCPU) idleInterrupts() { goosInterrupt(c.number, gaspVecIRQ) }

// gaspHWCap is AT_HWCAP of the auxiliary vector (arch/arm/include/uapi/asm/hwcap.h): what every
// Cortex-A7 with NEON has, and nothing less runs images for GOARM=7.
//
//go:nosplit
func gaspHWCap() uintptr {
	const vfp, neon, vfpv3, vfpv4, idiva, idivt, lpae = 1 << 6, 1 << 12, 1 << 13, 1 << 16, 1 << 17, 1 << 18, 1 << 20
	return vfp | neon | vfpv3 | vfpv4 | idiva | idivt | lpae
}
