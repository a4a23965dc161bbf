package runtime

// Vectors: of a synchronous exception its class (Arm ARM, ESR_EL1.EC), of others these.
const (
	gaspVecUnknown          = 0x00
	gaspVecFloat            = 0x2c
	gaspVecInstructionAbort = 0x21
	gaspVecPCAlignment      = 0x22
	gaspVecDataAbort        = 0x25
	gaspVecSPAlignment      = 0x26
	gaspVecDebug            = 0x30 // from here on: breakpoint, step, watchpoint, BRK
	gaspVecSError           = 64
	gaspVecNMI              = 65 // urgent interrupts, FIQ or IRQ
	gaspIRQ0                = 66 // IRQ: the interrupt controller knows which
)

// Fault status codes of an abort (ESR_EL1.DFSC), without the level of the table.
const (
	gaspStatusMask        = 0x3f
	gaspStatusLevel       = 3
	gaspStatusTranslation = 0x04
	gaspStatusAccess      = 0x08
	gaspStatusPermission  = 0x0c
)

// signal is what Linux makes of the exception of a thread (arch/arm64/mm/fault.c and
// kernel/traps.c).
func (c *gaspContext) signal() (sig, code, addr uint64) {
	const mapErr, accErr, aligned, hardware = gaspSegvMaperr, 2, 1, 2
	switch c.vector {
	case gaspVecInstructionAbort, gaspVecDataAbort:
		switch status := c.errcode & gaspStatusMask; {
		case status&^gaspStatusLevel == gaspStatusTranslation, status&^gaspStatusLevel == 0: // 0: beyond the address space
			return _SIGSEGV, mapErr, c.far
		case status&^gaspStatusLevel == gaspStatusAccess, status&^gaspStatusLevel == gaspStatusPermission:
			return _SIGSEGV, accErr, c.far
		}
		return _SIGBUS, hardware, c.far
	case gaspVecPCAlignment, gaspVecSPAlignment:
		return _SIGBUS, aligned, c.pc
	case gaspVecFloat:
		return _SIGFPE, 0, c.pc
	}
	if c.vector >= gaspVecDebug {
		return _SIGTRAP, 1, 0
	}
	return _SIGILL, 1, c.pc
}

// pageFault tells that an address was accessed that is not there, or not for that.
func (f *gaspRegisters) pageFault() bool {
	return f.vector == gaspVecDataAbort || f.vector == gaspVecInstructionAbort
}

// gaspDisarm takes away a breakpoint that was hit, so that the report does not.
func gaspDisarm(vector, _, pc uint64) {
	const breakpoint = 0x31
	if vector == breakpoint {
		gaspDisarmBreakpoints(pc)
	}
}

func gaspDisarmBreakpoints(pc uint64)
