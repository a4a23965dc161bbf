//go:build tamago && amd64

#include "go_asm.h"
#include "textflag.h"

#define MSR_EFER	0xc0000080
#define EFER_LMA	10

// cpuSettings at startSettings (cpus.go), from the start page on
#define SETTINGS	0x100
#define S_START32	0
#define S_CR3	8
#define S_CR4	16
#define S_EFER	24
#define S_CR0	32
#define S_ENTRY	40
#define S_ARG	48
#define S_START64	56
#define STACK	0xf00

// func ownSettings(s *cpuSettings)
TEXT ·ownSettings(SB),NOSPLIT,$0-8
	MOVQ	s+0(FP), DI
	// Where the image lies: its code stays mapped there (protect).
	MOVQ	$const_imageStart, CX
	SUBQ	·place(SB), CX
	MOVQ	$·cpuStart32<>(SB), AX
	SUBQ	CX, AX
	MOVL	AX, S_START32(DI)
	MOVQ	$·cpuStart64<>(SB), AX
	SUBQ	CX, AX
	MOVQ	AX, S_START64(DI)
	MOVQ	CR3, AX
	MOVQ	AX, S_CR3(DI)
	MOVQ	CR4, AX
	MOVQ	AX, S_CR4(DI)
	MOVQ	CR0, AX
	MOVQ	AX, S_CR0(DI)
	MOVL	$MSR_EFER, CX
	RDMSR
	BTRL	$EFER_LMA, AX
	MOVL	AX, S_EFER(DI)
	RET

// A further processor: 32-bit protected mode, no paging, EBX = the start page. The instructions must
// mean the same in 32-bit and in 64-bit mode, up to the far return.
TEXT ·cpuStart32<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	$0x10, AX
	BYTE $0x8e; BYTE $0xd0		// MOVW AX, SS
	BYTE $0x8e; BYTE $0xd8		// MOVW AX, DS
	BYTE $0x8e; BYTE $0xc0		// MOVW AX, ES
	MOVL	BX, SP
	ADDL	$STACK, SP
	MOVL	BX, DI
	ADDL	$SETTINGS, DI
	MOVL	S_CR3(DI), AX
	MOVL	AX, CR3
	MOVL	S_CR4(DI), AX
	MOVL	AX, CR4
	MOVL	S_EFER(DI), AX
	XORL	DX, DX
	MOVL	$MSR_EFER, CX
	WRMSR
	MOVL	S_CR0(DI), AX
	MOVL	AX, CR0
	MOVL	S_START64(DI), AX
	PUSHQ	$8
	PUSHQ	AX
	RETFQ

TEXT ·cpuStart64<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	BX, DI
	ADDQ	$SETTINGS, DI
	MOVQ	S_ENTRY(DI), AX
	MOVQ	S_ARG(DI), DI
	JMP	AX
