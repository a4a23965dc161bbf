//go:build tamago && arm

package arm

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// The order of the kernel under the runtime (toolchain, gaspRegs).
var registerNames = [machine.Registers]string{"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7",
	"r8", "r9", "r10", "r11", "r12", "sp", "lr", "cpsr"}

// Vectors (ARM ARM ARMv7-A, table B1-3).
const (
	vectorUndefined = 1
	vectorPrefetch  = 3
	vectorData      = 4
)

var exceptionNames = [8]string{"RESET", "UND undefined instruction", "SVC supervisor call", "PABT prefetch abort", "DABT data abort",
	"HYP hyp trap", "IRQ", "FIQ"}

//go:linkname exceptionName gasp/board/machine.exceptionName
func exceptionName(vector, _ uint64) string { return exceptionNames[vector%8] }

// faultsAt: an abort that comes later than what caused it knows no address (B3.13.3: 0x16 and
// 0x18 in the short-descriptor format).
//
//go:linkname faultsAt gasp/board/machine.faultsAt
func faultsAt(vector, status uint64) bool {
	const external, parity = 0x16, 0x18
	s := status>>6&0x10 | status&0xf
	return vector == vectorPrefetch || vector == vectorData && s != external && s != parity
}
