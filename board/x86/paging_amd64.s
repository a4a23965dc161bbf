//go:build tamago && amd64

#include "textflag.h"

#define MSR_EFER	0xc0000080
#define EFER_NXE	11
#define CPUID_NX	20	// leaf 0x80000001, EDX
#define CR0_WP	16

// func enableNoExecute() bool
// Whether the processor knows pages that cannot be executed; if so, from now on.
TEXT ·enableNoExecute(SB),NOSPLIT,$0-1
	MOVB	$0, ret+0(FP)
	MOVL	$0x80000000, AX
	CPUID
	CMPL	AX, $0x80000001
	JCS	none
	MOVL	$0x80000001, AX
	CPUID
	BTL	$CPUID_NX, DX
	JCC	none
	MOVL	$MSR_EFER, CX
	RDMSR
	BTSL	$EFER_NXE, AX
	WRMSR
	MOVB	$1, ret+0(FP)
none:
	RET

// func unlockTables() (flags uint64)
// Interrupts off, write protection off; returns RFLAGS.
TEXT ·unlockTables(SB),NOSPLIT,$0-8
	PUSHFQ
	POPQ	AX
	MOVQ	AX, flags+0(FP)
	CLI
	MOVQ	CR0, AX
	BTRQ	$CR0_WP, AX
	MOVQ	AX, CR0
	RET

// func lockTables(flags uint64)
// Write protection on, no translation cached (none is global), RFLAGS as given.
TEXT ·lockTables(SB),NOSPLIT,$0-8
	MOVQ	CR0, AX
	BTSQ	$CR0_WP, AX
	MOVQ	AX, CR0
	MOVQ	CR3, AX
	MOVQ	AX, CR3
	MOVQ	flags+0(FP), AX
	PUSHQ	AX
	POPFQ
	RET

// func loadedGDT() descriptorTable
TEXT ·loadedGDT(SB),NOSPLIT,$16-16
	SGDT	0(SP)
	MOVQ	2(SP), AX
	MOVQ	AX, ret_base+0(FP)
	MOVWQZX	0(SP), AX
	MOVQ	AX, ret_limit+8(FP)
	RET

// func loadedIDT() descriptorTable
TEXT ·loadedIDT(SB),NOSPLIT,$16-16
	SIDT	0(SP)
	MOVQ	2(SP), AX
	MOVQ	AX, ret_base+0(FP)
	MOVWQZX	0(SP), AX
	MOVQ	AX, ret_limit+8(FP)
	RET

// func physicalAddressBits() uint64
// MAXPHYADDR (Intel SDM volume 3, 4.1.4); 36 on a processor that does not tell.
TEXT ·physicalAddressBits(SB),NOSPLIT,$0-8
	MOVL	$0x80000000, AX
	CPUID
	CMPL	AX, $0x80000008
	MOVL	$36, SI
	JCS	told
	MOVL	$0x80000008, AX
	CPUID
	MOVBLZX	AX, SI
told:
	MOVQ	SI, ret+0(FP)
	RET
