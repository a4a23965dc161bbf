package runtime

// gaspCPUArch is what of a gaspCPU this architecture needs; TPIDRPRW leads to the
// gaspCPU.
type gaspCPUArch struct {
	frames [5]gaspFrame // of the modes SVC, ABT, UND, IRQ and FIQ: their R13 leads there
	nmiFX  gaspVFP
}

func (c *gaspCPU) setUpArch() {}

// leaveTLS: g is in a register.
func (c *gaspCPU) leaveTLS() {}

// idleInterrupts handles what came while the kernel idled: interrupts are off then
// too, and WFI returns when one is pending.
func (c *gaspCPU) idleInterrupts() { goosInterrupt(c.number, gaspVecIRQ) }
