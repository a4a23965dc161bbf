//go:build tamago

#include "textflag.h"

// func divideInstruction()
TEXT ·divideInstruction(SB),NOSPLIT,$0
	XORL	CX, CX
	MOVL	$1, AX
	XORL	DX, DX
	DIVL	CX
	RET

// func debugInstruction()
TEXT ·debugInstruction(SB),NOSPLIT,$0
	PUSHFQ
	ORQ	$0x100, (SP)	// TF: a trap after the next instruction
	POPFQ
	NOP
	RET

// func breakpointInstruction()
TEXT ·breakpointInstruction(SB),NOSPLIT,$0
	INT	$3
	RET

// func undefinedInstruction()
TEXT ·undefinedInstruction(SB),NOSPLIT,$0
	UNDEF
	RET

// func protectionFault()
TEXT ·protectionFault(SB),NOSPLIT,$0
	MOVQ	$0x8000000000000000, AX
	MOVQ	(AX), AX
	RET
