#include "textflag.h"

// func gaspClearPC() uintptr
TEXT runtime·gaspClearPC(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	$gaspClear<>(SB), R0
	MOVW	R0, ret+0(FP)
	RET

// Clears the memory from R1 to R2, multiples of 16, and goes on at R12, with R0 as
// it is: what gaspClearBefore puts between a system call and what follows it.
TEXT gaspClear<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	$0, R3
	MOVW	$0, R4
	MOVW	$0, R5
	MOVW	$0, R6
clear:
	MOVM.IA.W [R3-R6], (R1)
	CMP	R2, R1
	BLO	clear
	B	(R12)
