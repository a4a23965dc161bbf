//go:build tamago

package arm64

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// The order of the kernel under the runtime (toolchain, gaspRegs).
var registerNames = [machine.Registers]string{"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
	"x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28",
	"x29", "x30", "sp", "pstate"}

// Vectors beyond the classes of synchronous exceptions, as the kernel under the runtime has them (toolchain,
// gasp_exceptions_arm64.go).
const (
	vectorSError = 64
	vectorFIQ    = 65
)

const (
	instructionAbort = 0x21 // ESR_EL1.EC
	dataAbort        = 0x25
	pcAlignment      = 0x22
	watchpoint       = 0x35
)

// Exceptions by class (Arm ARM, ESR_EL1), each with a short name in front that is the headline's.
var exceptionNames = [...]string{
	0x00: "UNDEF undefined instruction", 0x07: "FP access trap", 0x0d: "BTI branch target exception", 0x0e: "ILL illegal execution state",
	0x15: "SVC supervisor call", 0x18: "SYS system register trap", 0x19: "SVE access trap", 0x1c: "PAC pointer authentication failure",
	0x20: "IABT instruction abort", 0x21: "IABT instruction abort", 0x22: "PC alignment fault", 0x24: "DABT data abort", 0x25: "DABT data abort",
	0x26: "SP alignment fault", 0x27: "MOPS memory copy exception", 0x2c: "FPE floating point exception", 0x2f: "SERROR SError",
	0x30: "BP breakpoint", 0x31: "BP breakpoint", 0x32: "STEP software step", 0x33: "STEP software step", 0x34: "WP watchpoint", 0x35: "WP watchpoint",
	0x3c: "BRK instruction", vectorSError: "SERROR SError", vectorFIQ: "FIQ",
}

//go:linkname exceptionName gasp/board/machine.exceptionName
func exceptionName(vector, _ uint64) string {
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
