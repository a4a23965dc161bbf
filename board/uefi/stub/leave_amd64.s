//go:build tamago

#include "textflag.h"

// The staging area (place.go).
#define GDTPTR		0x418	// behind the table (place_amd64.go)
#define MOVES		0x800

#define MSR_EFER	0xc0000080

// func leave(area uintptr)
//
// From the firmware's long mode to the copy of protected at the start of the staging area,
// in 32-bit mode.
TEXT ·leave(SB),NOSPLIT,$0-8
	CLI
	CLD
	MOVQ	area+0(FP), BX
	LGDT	GDTPTR(BX)
	LEAQ	MOVES(BX), BP
	PUSHQ	$8
	PUSHQ	BX
	RETFQ

// func lastSteps() uintptr
TEXT ·lastSteps(SB),NOSPLIT,$0-8
	LEAQ	·protected<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// protected runs at the start of the staging area, wherever that is, in 32-bit mode; so it
// has only instructions that are the same there. BP = moves. Paging goes off, as its tables
// may lie where the image goes, and with it what else the firmware has set in CR4. It needs
// no stack, and fits into the 0x400 bytes that are copied.
TEXT ·protected<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	CR0, AX
	ANDL	$0x7fffffff, AX		// PG
	MOVL	AX, CR0
	MOVL	$0x10, AX
	BYTE $0x8e; BYTE $0xd0		// MOVW AX, SS
	BYTE $0x8e; BYTE $0xd8		// MOVW AX, DS
	BYTE $0x8e; BYTE $0xc0		// MOVW AX, ES
	MOVL	$MSR_EFER, CX
	RDMSR
	ANDL	$~0x100, AX		// LME
	WRMSR
	XORL	AX, AX
	MOVL	AX, CR4
next:
	MOVL	0(BP), DI
	MOVL	8(BP), SI
	MOVL	16(BP), CX
	ADDL	$24, BP
	CMPL	CX, $0
	JEQ	done
	CMPL	SI, $0
	JEQ	zero
	REP; MOVSB
	JMP	next
zero:
	XORL	AX, AX
	REP; STOSB
	JMP	next
done:
	XORL	AX, AX			// BX is no start_info, and no boot information
	JMP	DI			// cpuinit: as PVH enters it
