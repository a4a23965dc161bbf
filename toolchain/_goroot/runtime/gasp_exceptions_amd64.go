package runtime

// What the vectors of exceptions mean (Intel SDM volume 3, 6.15).
const (
	gaspVecNMI          = 2
	gaspVecDoubleFault  = 8
	gaspVecStack        = 12
	gaspVecPage         = 14
	gaspVecMachineCheck = 18
	gaspIRQ0            = 32  // the first vector that is no exception
	gaspVecSpurious     = 255 // of the local APIC, as the board sets it up: nothing is in service
)

// signal is what Linux makes of the exception of a thread (arch/x86/kernel/traps.c).
func (c *gaspContext) signal() (sig, code, addr uint64) {
	switch c.vector {
	case 0:
		sig, code, addr = _SIGFPE, gaspFpeIntdiv, c.pc
	case 16, 19:
		sig, code, addr = _SIGFPE, 0, c.pc
	case 1, 3:
		sig, code = _SIGTRAP, 1
	case 6:
		sig, code, addr = _SIGILL, 1, c.pc
	case 17:
		sig, code = _SIGBUS, 1
	case gaspVecPage:
		sig, code, addr = _SIGSEGV, gaspSegvMaperr, c.cr2
	default:
		sig, code = _SIGSEGV, gaspSiKernel
	}
	return sig, code, addr
}

// pageFault tells that an address was accessed that is not there, or not for that.
func (f *gaspRegisters) pageFault() bool { return f.vector == gaspVecPage }

// gaspDisarm takes away a breakpoint that was hit, so that the report does not.
func gaspDisarm(vector, _, _ uint64) {
	const debug = 1
	if vector == debug {
		gaspDisarmBreakpoints()
	}
}

func gaspDisarmBreakpoints()
