//go:build tamago

#include "textflag.h"

// func undefinedInstruction()
TEXT ·undefinedInstruction(SB),NOSPLIT,$0
	WORD	$0xe7f000f0	// UDF #0
	RET

// func breakpointInstruction()
TEXT ·breakpointInstruction(SB),NOSPLIT,$0
	WORD	$0xe1200070	// BKPT #0
	RET

// func unalignedLoad()
TEXT ·unalignedLoad(SB),NOSPLIT,$8-0
	ADD	$1, R13, R0
	WORD	$0xe1901f9f	// LDREX R1, [R0]
	RET

// func pushAt(sp uintptr)
TEXT ·pushAt(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	sp+0(FP), R0
	MOVW	R0, R13
	WORD	$0xe52d0004	// PUSH {R0}
	RET

// func pushForever()
TEXT ·pushForever(SB),NOSPLIT|NOFRAME,$0
push:
	WORD	$0xe52d0004	// PUSH {R0}
	B	push

// func call(pc uintptr)
TEXT ·call(SB),NOSPLIT,$4-4
	MOVW	pc+0(FP), R0
	BL	(R0)
	RET

// func victim()
TEXT ·victim(SB),NOSPLIT|NOFRAME,$0
	MOVW	R0, R0
	RET

// func victimPC() uintptr
TEXT ·victimPC(SB),NOSPLIT,$0-4
	MOVW	$·victim(SB), R0
	MOVW	R0, ret+0(FP)
	RET

// func vectorBase() uintptr
TEXT ·vectorBase(SB),NOSPLIT,$0-4
	MRC	15, 0, R0, C12, C0, 0
	MOVW	R0, ret+0(FP)
	RET

// func overwriteG(size uintptr)
// Overwrites the g that R10 holds with what no address is, then calls a function that
// looks at it.
TEXT ·overwriteG(SB),NOSPLIT,$4-4
	MOVW	size+0(FP), R1
	MOVW	g, R0
	MOVW	$0xf5, R2
next:
	MOVB.P	R2, 1(R0)
	SUB.S	$1, R1
	BNE	next
	BL	checksStack<>(SB)
	RET

TEXT checksStack<>(SB),0,$256-0
	MOVW	$0, R0
	MOVW	R0, 4(R13)
	RET

// func smashStack(seed uint64, end uintptr, returns bool)
// Overwrites the stack from its caller's frame to end, of each four words two with
// random numbers, one with an address in RAM and one with its own, then returns or
// stores through nil.
TEXT ·smashStack(SB),NOSPLIT|NOFRAME,$0-13
	MOVW	seed_lo+0(FP), R0
	MOVW	end+8(FP), R1
	MOVBU	returns+12(FP), R2
	MOVW	R13, R3
next:
	CMP	R1, R3
	BHS	done
	EOR	R0<<13, R0	// xorshift
	EOR	R0>>17, R0
	EOR	R0<<5, R0
	MOVW	R0, R4
	TST	$0x40000000, R0
	BEQ	store
	MOVW	R3, R4
	TST	$0x20000000, R0
	BEQ	store
	MOVW	R0<<6, R4
	MOVW	R4>>6, R4
	BIC	$3, R4
	ADD	$0x81000000, R4
store:
	MOVW.P	R4, 4(R3)
	B	next
done:
	CMP	$0, R2
	BNE	return
	MOVW	$0, R0
	MOVW	R0, (R0)
return:
	RET

// func interruptsOff()
TEXT ·interruptsOff(SB),NOSPLIT,$0
	WORD	$0xf10c0080	// CPSID i
	RET

// func interruptsOn()
TEXT ·interruptsOn(SB),NOSPLIT,$0
	WORD	$0xf1080080	// CPSIE i
	RET

// func hang(cpu uint64)
// Returns if that is another processor than the only one there is.
TEXT ·hang(SB),NOSPLIT,$0-8
	MOVW	cpu_lo+0(FP), R0
	CMP	$0, R0
	BNE	other
	WORD	$0xf10c0080	// CPSID i
	B	0(PC)
other:
	RET

// func stall()
TEXT ·stall(SB),NOSPLIT,$0
	B	0(PC)

// DBGDSCR: debug exceptions (ARM ARM ARMv7-A, C11.11.20: MDBGen).
#define MDBGEN	(1<<15)
// DBGBCR: enabled, at PL1 and above, all bytes (C11.11.2: E, PMC, HMC, BAS). For QEMU what
// is secure is above.
#define AT_PL1	0x21e3

// func setBreakpoints(pc *[4]uintptr, mask uintptr)
TEXT ·setBreakpoints(SB),NOSPLIT,$0-8
	MOVW	$0, R5
	MCR	14, 0, R5, C1, C0, 4	// DBGOSLAR: unlocked
	MRC	14, 0, R3, C0, C2, 2	// DBGDSCRext
	BIC	$MDBGEN, R3
	MCR	14, 0, R3, C0, C2, 2
	WORD	$0xf57ff06f	// ISB
	MOVW	pc+0(FP), R0
	MOVW	mask+4(FP), R1
	MOVW	$AT_PL1, R2
	MOVW	0(R0), R5
	MCR	14, 0, R5, C0, C0, 4	// DBGBVR0
	MOVW	4(R0), R5
	MCR	14, 0, R5, C0, C1, 4
	MOVW	8(R0), R5
	MCR	14, 0, R5, C0, C2, 4
	MOVW	12(R0), R5
	MCR	14, 0, R5, C0, C3, 4
	MOVW	$0, R5
	TST	$1, R1
	MOVW.NE	R2, R5
	MCR	14, 0, R5, C0, C0, 5	// DBGBCR0
	MOVW	$0, R5
	TST	$2, R1
	MOVW.NE	R2, R5
	MCR	14, 0, R5, C0, C1, 5
	MOVW	$0, R5
	TST	$4, R1
	MOVW.NE	R2, R5
	MCR	14, 0, R5, C0, C2, 5
	MOVW	$0, R5
	TST	$8, R1
	MOVW.NE	R2, R5
	MCR	14, 0, R5, C0, C3, 5
	ORR	$MDBGEN, R3
	MCR	14, 0, R3, C0, C2, 2
	WORD	$0xf57ff06f	// ISB
	RET
