//go:build tamago

#include "textflag.h"

// Registers of the interrupt controller's processor interface (Arm IHI 0069H, 12.2).

// func openGIC()
TEXT ·openGIC(SB),NOSPLIT,$0-0
	MOVD	$7, R0			// SRE; no bypass of IRQ and FIQ
	MSR	R0, ICC_SRE_EL1
	ISB	$15
	MOVD	ZR, R0
	MSR	R0, ICC_CTLR_EL1	// an end of an interrupt deactivates it, too
	MSR	R0, ICC_BPR1_EL1
	MOVD	$0xff, R0
	MSR	R0, ICC_PMR_EL1
	MOVD	$1, R0
	MSR	R0, ICC_IGRPEN1_EL1
	ISB	$15
	RET

// func takesFIQ() bool
// The lowest bit that a priority has: 7 - ICC_CTLR_EL1.PRIbits.
TEXT ·takesFIQ(SB),NOSPLIT,$0-1
	MOVD	$7, R0
	MSR	R0, ICC_SRE_EL1
	ISB	$15
	MRS	ICC_CTLR_EL1, R0
	UBFX	$8, R0, $3, R0
	MOVD	$0x80, R1
	LSR	R0, R1
	MSR	R1, ICC_PMR_EL1
	ISB	$15
	MRS	ICC_PMR_EL1, R0
	CMP	$0, R0
	CSET	NE, R0
	MOVB	R0, ret+0(FP)
	RET

// func setMask(priority uint32)
TEXT ·setMask(SB),NOSPLIT,$0-4
	MOVWU	priority+0(FP), R0
	MSR	R0, ICC_PMR_EL1
	DSB	$15
	ISB	$15
	RET

// func admitGroup0()
TEXT ·admitGroup0(SB),NOSPLIT,$0-0
	MSR	ZR, ICC_BPR0_EL1
	MOVD	$1, R0
	MSR	R0, ICC_IGRPEN0_EL1
	ISB	$15
	RET

// func acknowledge0() uint32
TEXT ·acknowledge0(SB),NOSPLIT,$0-4
	MRS	ICC_IAR0_EL1, R0
	DSB	$15
	MOVW	R0, ret+0(FP)
	RET

// func acknowledge1() uint32
TEXT ·acknowledge1(SB),NOSPLIT,$0-4
	MRS	ICC_IAR1_EL1, R0
	DSB	$15
	MOVW	R0, ret+0(FP)
	RET

// func end0(id uint32)
TEXT ·end0(SB),NOSPLIT,$0-4
	MOVWU	id+0(FP), R0
	DSB	$15			// what quietened the device comes first
	MSR	R0, ICC_EOIR0_EL1
	ISB	$15
	RET

// func end1(id uint32)
TEXT ·end1(SB),NOSPLIT,$0-4
	MOVWU	id+0(FP), R0
	DSB	$15
	MSR	R0, ICC_EOIR1_EL1
	ISB	$15
	RET

// What runs has a bit for each priority that can preempt: in one register up to five bits of priority, in two for six, in four for
// seven; others are not there. Uses R0.
#define FORGET(FIRST, SECOND, THIRD, FOURTH) \
	MRS	ICC_CTLR_EL1, R0; \
	UBFX	$8, R0, $3, R0;	/* PRIbits: less one */ \
	MSR	ZR, FIRST; \
	CMP	$5, R0; \
	BLO	done; \
	MSR	ZR, SECOND; \
	BEQ	done; \
	MSR	ZR, THIRD; \
	MSR	ZR, FOURTH

// func forget0()
TEXT ·forget0(SB),NOSPLIT,$0-0
	FORGET(ICC_AP0R0_EL1, ICC_AP0R1_EL1, ICC_AP0R2_EL1, ICC_AP0R3_EL1)
done:
	ISB	$15
	RET

// func forget1()
TEXT ·forget1(SB),NOSPLIT,$0-0
	FORGET(ICC_AP1R0_EL1, ICC_AP1R1_EL1, ICC_AP1R2_EL1, ICC_AP1R3_EL1)
done:
	ISB	$15
	RET

// func send0(v uint64)
TEXT ·send0(SB),NOSPLIT,$0-8
	MOVD	v+0(FP), R0
	DSB	$15			// what it is sent for is to be seen
	MSR	R0, ICC_SGI0R_EL1
	ISB	$15
	RET

// func send1(v uint64)
TEXT ·send1(SB),NOSPLIT,$0-8
	MOVD	v+0(FP), R0
	DSB	$15
	MSR	R0, ICC_SGI1R_EL1
	ISB	$15
	RET
