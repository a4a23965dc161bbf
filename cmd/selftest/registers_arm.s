// Registers that hold still: each function fills a register file, waits in a loop
// without calls, and stores what is there then.

#include "textflag.h"

// func holdRegisters(seed, turns uint32, after *[12]uint32)
// R12 counts; R10 is g.
TEXT ·holdRegisters(SB),NOSPLIT,$4-12
	MOVW	seed+0(FP), R0
	MOVW	turns+4(FP), R12
	ADD	$1, R0, R1
	ADD	$2, R0, R2
	ADD	$3, R0, R3
	ADD	$4, R0, R4
	ADD	$5, R0, R5
	ADD	$6, R0, R6
	ADD	$7, R0, R7
	ADD	$8, R0, R8
	ADD	$9, R0, R9
	ADD	$10, R0, R11
	ADD	$11, R0, R14
wait:
	SUB.S	$1, R12
	BNE	wait
	MOVW	after+8(FP), R12
	MOVM.IA	[R0-R9, R11, R14], (R12)
	RET

// func holdDoubles(turns uint32, before, after *[32]uint64) (fpscr uint32)
TEXT ·holdDoubles(SB),NOSPLIT,$0-16
	MOVW	turns+0(FP), R2
	MOVW	before+4(FP), R0
	WORD	$0xecb00b20	// vldmia r0!, {d0-d15}
	WORD	$0xecf00b20	// vldmia r0!, {d16-d31}
	WORD	$0xeef13a10	// vmrs r3, fpscr
	BIC	$(3<<22), R3, R1
	ORR	$(2<<22), R1
	WORD	$0xeee11a10	// vmsr fpscr, r1
wait:
	SUB.S	$1, R2
	BNE	wait
	WORD	$0xeef11a10	// vmrs r1, fpscr
	WORD	$0xeee13a10	// vmsr fpscr, r3
	MOVW	R1, fpscr+12(FP)
	MOVW	after+8(FP), R0
	WORD	$0xeca00b20	// vstmia r0!, {d0-d15}
	WORD	$0xece00b20	// vstmia r0!, {d16-d31}
	RET
