//go:build tamago

#include "textflag.h"

// func readAffinity() uint64
TEXT ·readAffinity(SB),NOSPLIT|NOFRAME,$0-8
	MRS	MPIDR_EL1, R0
	MOVD	R0, ret+0(FP)
	RET

// func Relax()
// YIELD thirty-two times (Arm ARM, C6.2): on an emulator it is the moment for others.
TEXT ·Relax(SB),NOSPLIT|NOFRAME,$0-0
	MOVD	$32, R0
again:
	YIELD
	SUBS	$1, R0
	BNE	again
	RET

// func armPhysical(ticks uint64)
// CNTP_CVAL_EL0, then ENABLE in CNTP_CTL_EL0.
TEXT ·armPhysical(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	ticks+0(FP), R0
	ISB	$15
	MRS	CNTPCT_EL0, R1
	ADD	R0, R1
	MSR	R1, CNTP_CVAL_EL0
	MOVD	$1, R0
	MSR	R0, CNTP_CTL_EL0
	ISB	$15
	RET

// func StopPhysicalTimer()
TEXT ·StopPhysicalTimer(SB),NOSPLIT|NOFRAME,$0-0
	MSR	ZR, CNTP_CTL_EL0
	ISB	$15
	RET

// func HasRNDR() bool
TEXT ·HasRNDR(SB),NOSPLIT|NOFRAME,$0-1
	MRS	ID_AA64ISAR0_EL1, R0
	LSR	$60, R0
	CMP	$0, R0
	CSET	NE, R0
	MOVB	R0, ret+0(FP)
	RET

// func RNDR() (v uint64, ok bool)
// Z tells of failure (Arm ARM, RNDR).
TEXT ·RNDR(SB),NOSPLIT|NOFRAME,$0-9
	MRS	RNDR, R0
	CSET	NE, R1
	MOVD	R0, v+0(FP)
	MOVB	R1, ok+8(FP)
	RET

// A barrier waits for the maintenance that its own processor has begun, and PAR_EL1 is a processor's: in between nobody may take the thread to
// another one. It keeps the masks in R4.
#define STAY \
	MRS	DAIF, R4; \
	MSR	$15, DAIFSet

#define MAY_LEAVE \
	MSR	R4, DAIF

// func clean(p *byte, n uint64)
// To the point of coherency, by lines of the size that CTR_EL0 says.
TEXT ·clean(SB),NOSPLIT|NOFRAME,$0-16
	MOVD	p+0(FP), R0
	MOVD	n+8(FP), R1
	ADD	R0, R1
	MRS	CTR_EL0, R2
	UBFX	$16, R2, $4, R2		// DminLine: words, as a power of two
	MOVD	$4, R3
	LSL	R2, R3
	SUB	$1, R3, R2
	BIC	R2, R0
	STAY
again:
	WORD	$0xd50b7a20		// dc cvac, x0
	ADD	R3, R0
	CMP	R1, R0
	BLO	again
	DSB	$15
	MAY_LEAVE
	RET

// func cleanInvalidate(p *byte, n uint64)
// As clean, and what is in the caches is there no more.
TEXT ·cleanInvalidate(SB),NOSPLIT|NOFRAME,$0-16
	MOVD	p+0(FP), R0
	MOVD	n+8(FP), R1
	ADD	R0, R1
	MRS	CTR_EL0, R2
	UBFX	$16, R2, $4, R2		// DminLine: words, as a power of two
	MOVD	$4, R3
	LSL	R2, R3
	SUB	$1, R3, R2
	BIC	R2, R0
	STAY
	DSB	$15
again:
	DC	CIVAC, R0
	ADD	R3, R0
	CMP	R1, R0
	BLO	again
	DSB	$15
	MAY_LEAVE
	RET

// func attribute(p *byte) uint64
// How an address is mapped, as MAIR_EL1 has it (PAR_EL1.ATTR); all ones if it is not.
TEXT ·attribute(SB),NOSPLIT|NOFRAME,$0-16
	MOVD	p+0(FP), R0
	STAY
	WORD	$0xd5087800		// at s1e1r, x0
	ISB	$15
	MRS	PAR_EL1, R0
	MAY_LEAVE
	TBNZ	$0, R0, fault
	LSR	$56, R0
	MOVD	R0, ret+8(FP)
	RET
fault:
	MOVD	$-1, R0
	MOVD	R0, ret+8(FP)
	RET
