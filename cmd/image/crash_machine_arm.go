//go:build tamago

package main

// What only this processor has. The program runs in supervisor mode (crash_arm.s).
var processorClasses = []class{
	{"ud", "UDF: undefined instruction", undefinedInstruction},
	{"bp", "BKPT: breakpoint instruction", breakpointInstruction},
	{"align", "exclusive load at an address that is not aligned", unalignedLoad},
	{"vectors", "exception vectors overwritten", corruptVectors},
}

var demandClasses []class

// unmapped is above the RAM that there is.
const unmapped = 0xf000_0000

// An instruction is UDF (ARM ARM ARMv7-A, A8.8.247).
type instruction uint32

const undefined instruction = 0xe7f000f0

func undefinedInstruction()
func breakpointInstruction()
func unalignedLoad()

// vectorBase is VBAR: eight instructions (ARM ARM ARMv7-A, B1.8.1).
func vectorBase() uintptr

func corruptVectors() {
	const size = 8 * 4
	garbage(memory(vectorBase(), size))
	undefinedInstruction()
}
