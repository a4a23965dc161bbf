//go:build tamago

package main

import (
	"runtime/goos"
	"time"
)

// What only this processor has. The program runs at EL1 (crash_arm64.s).
var processorClasses = []class{
	{"ud", "UDF: undefined instruction", undefinedInstruction},
	{"bp", "BRK: breakpoint instruction", breakpointInstruction},
	{"align", "exclusive load at an address that is not aligned", unalignedLoad},
	{"pc-align", "jump to an address that is not aligned", func() { call(victimPC() + 2) }},
	{"vectors", "exception vectors overwritten", corruptVectors},
	{"tables", "translation table overwritten", corruptTables},
	{"nmi", "power key pressed within 20 s", func() { alive(20 * time.Second) }},
}

// unmapped is above what the boards map.
const unmapped = 0x7f_ffff_f000

// An instruction is UDF (Arm ARM, C6.2).
type instruction uint32

const undefined instruction = 0

func undefinedInstruction()
func breakpointInstruction()
func unalignedLoad()

// vectorBase is VBAR_EL1: 16 entries of 128 bytes (Arm ARM, D1.10.2).
func vectorBase() uintptr

func corruptVectors() {
	const size = 16 * 128
	garbage(memory(vectorBase(), size))
	undefinedInstruction()
}

// corruptTables overwrites the table of level 0, with which the image begins (board/arm64/boot_arm64.s).
func corruptTables() {
	const size = 4096
	garbage(memory(uintptr(goos.RamStart), size))
	undefinedInstruction()
}
