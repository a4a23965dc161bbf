//go:build tamago && amd64

package x86

import (
	_ "unsafe" // go:linkname

	"gasp/board/machine"
)

// The order of the kernel under the runtime (toolchain, gaspRegs).
var registerNames = [machine.Registers]string{"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rflags"}

// Exceptions by vector (Intel SDM volume 3, table 6-1).
var exceptionNames = [32]string{
	0: "#DE divide error", 1: "#DB debug", 2: "NMI", 3: "#BP breakpoint", 4: "#OF overflow", 5: "#BR bound range",
	6: "#UD invalid opcode", 7: "#NM no math coprocessor", 8: "#DF double fault", 10: "#TS invalid TSS",
	11: "#NP segment not present", 12: "#SS stack fault", 13: "#GP general protection", 14: "#PF page fault",
	16: "#MF x87 error", 17: "#AC alignment check", 18: "#MC machine check", 19: "#XM SIMD error",
	20: "#VE virtualization", 21: "#CP control protection",
}

//go:linkname exceptionName gasp/board/machine.exceptionName
func exceptionName(vector, _ uint64) string {
	if vector < uint64(len(exceptionNames)) && exceptionNames[vector] != "" {
		return exceptionNames[vector]
	}
	return "unknown exception"
}

const vectorPageFault = 14

//go:linkname faultsAt gasp/board/machine.faultsAt
func faultsAt(vector, _ uint64) bool { return vector == vectorPageFault }
