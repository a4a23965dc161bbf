//go:build tamago

package arm64

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// The order of the kernel under the runtime (toolchain, gaspRegs).
var registerNames = [machine.Registers]string{"sp", "pstate", "x30", "x29", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
	"x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27",
	"x28"}

// Vectors beyond the classes of synchronous exceptions, as the kernel under the runtime has them (toolchain,
// gasp_exceptions_arm64.go).
const (
	vectorSError = 64
	vectorFIQ    = 65 // urgent interrupts
)

const (
	instructionAbort = 0x21 // ESR_EL1.EC
	dataAbort        = 0x25
	pcAlignment      = 0x22
	watchpoint       = 0x35
)

// Exceptions by class (Arm ARM, ESR_EL1), each behind a short name, which the manual has for instructions only.
var exceptionNames = [...]string{
	0x00: "UND undefined instruction", 0x07: "FP floating point access trap", 0x0d: "BTI branch target exception",
	0x0e: "IL illegal execution state", 0x15: "SVC supervisor call", 0x18: "SYSREG system register trap",
	0x19: "SVE access trap", 0x1c: "PAC authentication failure", 0x20: "IABT instruction abort", 0x21: "IABT instruction abort",
	0x22: "PCALIGN PC alignment fault", 0x24: "DABT data abort", 0x25: "DABT data abort", 0x26: "SPALIGN SP alignment fault",
	0x27: "MOPS memory copy exception", 0x2c: "FPE floating point exception", 0x2f: "SERROR system error",
	0x30: "HWBKPT breakpoint", 0x31: "HWBKPT breakpoint", 0x32: "STEP software step", 0x33: "STEP software step",
	0x34: "WATCHPT watchpoint", 0x35: "WATCHPT watchpoint", 0x3c: "BRK breakpoint instruction",
	vectorSError: "SERROR system error", vectorFIQ: "FIQ",
}

//go:linkname exceptionName gasp/board/machine.exceptionName
func exceptionName(vector, _ uint64) string {
	if vector == vectorFIQ && masking != 0 {
		return "IRQ urgent interrupt"
	}
	if vector < uint64(len(exceptionNames)) && exceptionNames[vector] != "" {
		return exceptionNames[vector]
	}
	return "unknown exception"
}

// faultsAt: an external abort may not know its address (FnV).
//
//go:linkname faultsAt gasp/board/machine.faultsAt
func faultsAt(vector, syndrome uint64) bool {
	const notValid = 1 << 10
	switch vector {
	case instructionAbort, dataAbort:
		return syndrome&notValid == 0
	}
	return vector == pcAlignment || vector == watchpoint
}
