//go:build tamago

package machine

// Registers is how many a report has (toolchain, gaspRegs).
const Registers = 32

// CPUEntropyName is what this architecture's source of random numbers is called.
const CPUEntropyName = "RNDR"
