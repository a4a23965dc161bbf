//go:build tamago

#include "textflag.h"

// func callFirmware(function, a, b, c, d uint64) uint64
// R19 and R28 (g) are the caller's by AAPCS64; R29 is a frame of nobody's, for who walks the stack.
TEXT ·callFirmware(SB),NOSPLIT,$16-48
	MOVD	function+0(FP), R9
	MOVD	a+8(FP), R0
	MOVD	b+16(FP), R1
	MOVD	c+24(FP), R2
	MOVD	d+32(FP), R3
	MOVD	RSP, R19
	MOVD	$·firmwareStack(SB), R10
	ADD	$(32<<10), R10
	BIC	$15, R10
	MOVD	R10, RSP
	CALL	(R9)
	MOVD	R19, RSP
	MOVD	R0, ret+40(FP)
	RET
