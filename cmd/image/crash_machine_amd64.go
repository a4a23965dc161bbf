//go:build tamago

package main

import (
	"time"
	"unsafe"
)

// What only this processor has. The program runs in ring 0 (crash_amd64.s).
var processorClasses = []class{
	{"de", "#DE: divide instruction, divisor zero", divideInstruction},
	{"db", "#DB: single step", debugInstruction},
	{"bp", "#BP: INT3", breakpointInstruction},
	{"of", "#OF: INT 4", overflowInstruction},
	{"ud", "#UD: undefined instruction", undefinedInstruction},
	{"nm", "#NM: SSE instruction with CR0.TS set", taskSwitched},
	{"np", "#NP: DS loaded with a segment that is not present", func() { loadDS(absentSegment()) }},
	{"ss", "#SS: SS loaded with a segment that is not present; step 1, 2: RBP, RSP is not canonical", stackFault},
	{"gp", "#GP: access to a non-canonical address", protectionFault},
	{"mf", "#MF: x87 division by zero, unmasked", x87Error},
	{"xm", "#XM: SSE division by zero, unmasked; INT 19 where the processor does not notice", simdError},
	{"double", "#DF: #GP without a gate", doubleFault},
	{"gdt", "GDT overwritten; step 1: without the code segment", corruptGDT},
	{"idt", "IDT overwritten", corruptIDT},
	{"mce", "machine check from outside within 20 s", func() { alive(20 * time.Second) }},
	{"nmi", "NMI from outside within 20 s", func() { alive(20 * time.Second) }},
}

// unmapped is above what the boards map.
const unmapped = 0x7f_ffff_f000

// An instruction is UD2.
type instruction uint16

const undefined instruction = 0x0b0f

func divideInstruction()
func debugInstruction()
func breakpointInstruction()
func overflowInstruction()
func undefinedInstruction()
func taskSwitched()
func protectionFault()
func readNonCanonicalRBP()
func x87Error()
func simdError()
func loadDS(selector uintptr)
func loadSS(selector uintptr)
func sgdt() (base, limit uintptr)
func sidt() (base, limit uintptr)
func lgdt(base, limit uintptr)
func lidt(base, limit uintptr)

const nonCanonical = 1 << 63

func stackFault() {
	switch step % 3 {
	case 0:
		loadSS(absentSegment())
	case 1:
		readNonCanonicalRBP()
	case 2:
		pushAt(nonCanonical)
	}
}

// A gate or segment descriptor is present by bit 7 of its byte 5 (Intel SDM
// volume 3, 3.4.5 and 6.11).
const (
	accessByte  = 5
	present     = 0x80
	absentData  = 0x12 << 40 // writable data, ring 0, not present
	gateSize    = 16
	maxGDT      = 512
	maxIDT      = 256 * gateSize
	dataSegment = 0x10
)

var (
	gdtCopy [maxGDT + 8]byte
	idtCopy [maxIDT]byte
)

// absentSegment returns the selector of a data segment that is not present, in a
// copy of the GDT that has one more.
func absentSegment() uintptr {
	base, limit := sgdt()
	n := min(limit+1, maxGDT)
	copy(gdtCopy[:], memory(base, n))
	*(*uint64)(unsafe.Pointer(&gdtCopy[n])) = absentData
	lgdt(uintptr(unsafe.Pointer(&gdtCopy)), n+7)
	return n
}

// doubleFault takes away the gates of #GP, of the #NP that this leads to, and of #PF.
func doubleFault() {
	base, limit := sidt()
	n := min(limit+1, maxIDT)
	copy(idtCopy[:], memory(base, n))
	for _, vector := range [...]int{11, 13, 14} {
		idtCopy[vector*gateSize+accessByte] &^= present
	}
	lidt(uintptr(unsafe.Pointer(&idtCopy)), n-1)
	protectionFault()
}

func corruptGDT() {
	base, limit := sgdt()
	table := memory(base, limit+1)
	if step%2 == 1 {
		table = table[dataSegment:]
	}
	garbage(table)
	loadDS(dataSegment)
}

func corruptIDT() {
	base, limit := sidt()
	garbage(memory(base, limit+1))
	undefinedInstruction()
}
