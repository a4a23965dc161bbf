package runtime

// Vectors by number (ARM ARM ARMv7-A, table B1-3).
const (
	gaspVecUndefined = 1
	gaspVecSWI       = 2
	gaspVecPrefetch  = 3
	gaspVecData      = 4
	gaspVecIRQ       = 6
	gaspVecFIQ       = 7
	gaspVecNMI       = gaspVecFIQ // masks do not stop it: nothing here masks FIQs for long
	gaspIRQ0         = gaspVecIRQ // the first vector that is no exception
)

// Fault status in the short-descriptor format (B3.13.3): DFSR and IFSR bits 10, 3:0.
const (
	gaspStatusAlignment = 0x01
	gaspStatusDebug     = 0x02
	gaspStatusSection   = 0x05 // translation
	gaspStatusPage      = 0x07 // translation
	gaspStatusRightsS   = 0x0d // permission, section
	gaspStatusRightsP   = 0x0f // permission, page
)

func gaspFaultStatus(errcode uint64) uint64 { return errcode>>6&0x10 | errcode&0xf }

// signal is what Linux makes of the exception of a thread (arch/arm/mm/fsr-2level.c,
// arch/arm/kernel/traps.c).
func (c *gaspContext) signal() (sig, code, addr uint64) {
	if c.vector == gaspVecUndefined {
		return _SIGILL, 1, c.pc
	}
	switch gaspFaultStatus(c.errcode) {
	case gaspStatusSection, gaspStatusPage:
		return _SIGSEGV, gaspSegvMaperr, c.addr
	case gaspStatusRightsS, gaspStatusRightsP:
		return _SIGSEGV, _SEGV_ACCERR, c.addr
	case gaspStatusAlignment:
		return _SIGBUS, _BUS_ADRALN, c.addr
	case gaspStatusDebug:
		return _SIGTRAP, 1, c.pc
	}
	return _SIGBUS, _BUS_OBJERR, c.addr
}

// pageFault tells that an address was accessed that is not there, or not for that.
func (f *gaspRegisters) pageFault() bool {
	if f.vector != gaspVecData && f.vector != gaspVecPrefetch {
		return false
	}
	switch gaspFaultStatus(f.errcode) {
	case gaspStatusSection, gaspStatusPage, gaspStatusRightsS, gaspStatusRightsP:
		return true
	}
	return false
}

// gaspDisarm takes away a breakpoint that was hit, so that the report does not.
func gaspDisarm(vector, errcode, pc uint64) {
	if vector == gaspVecPrefetch && gaspFaultStatus(errcode) == gaspStatusDebug {
		gaspDisarmBreakpoints(uintptr(pc))
	}
}

func gaspDisarmBreakpoints(pc uintptr)
