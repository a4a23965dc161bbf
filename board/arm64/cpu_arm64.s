//go:build tamago

#include "go_asm.h"
#include "textflag.h"

// func maskAll() (masks uint64)
TEXT ·maskAll(SB),NOSPLIT|NOFRAME,$0-8
	MRS	DAIF, R0
	MOVD	R0, ret+0(FP)
	MSR	$15, DAIFSet
	RET

// func openWindow()
TEXT ·openWindow(SB),NOSPLIT|NOFRAME,$0-0
	DSB	$15
	MRS	TCR_EL1, R0
	BIC	$(1<<23), R0		// EPD1
	MSR	R0, TCR_EL1
	ISB	$15
	RET

// func flushTables(masks uint64)
// Closes the window, and makes what was changed in the tables hold on all processors.
TEXT ·flushTables(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	masks+0(FP), R0
	DSB	$15
	MRS	TCR_EL1, R1
	ORR	$(1<<23), R1		// EPD1
	MSR	R1, TCR_EL1
	ISB	$15
	TLBI	VMALLE1IS
	DSB	$15
	ISB	$15
	MSR	R0, DAIF
	RET

// func flushTLB()
// What was made invalid in the tables is so on all processors.
TEXT ·flushTLB(SB),NOSPLIT|NOFRAME,$0-0
	DSB	$15
	TLBI	VMALLE1IS
	DSB	$15
	ISB	$15
	RET

// func exchange(e *uint64, physical, v uint64)
// Writes v to a descriptor with the MMU off: at its physical address, past the caches, which are to have nothing of it. It goes on where
// the code lies in memory, which is mapped there, too (mapMemory), and returns to where it is linked for.
TEXT ·exchange(SB),NOSPLIT|NOFRAME,$0-24
	MOVD	e+0(FP), R0
	MOVD	physical+8(FP), R1
	MOVD	v+16(FP), R2
	MOVD	·place(SB), R3
	MOVD	$const_imageStart, R4
	SUB	R4, R3
	MOVD	$·uncached<>(SB), R4
	ADD	R4, R3
	MRS	SCTLR_EL1, R4
	BIC	$(1<<0 | 1<<2), R4, R5	// MMU, data cache
	DC	CIVAC, R0
	DSB	$15
	JMP	(R3)

TEXT ·uncached<>(SB),NOSPLIT|NOFRAME,$0-0
	MSR	R5, SCTLR_EL1
	ISB	$15
	MOVD	R2, (R1)
	DSB	$15
	DC	CIVAC, R1
	TLBI	VMALLE1
	DSB	$15
	ISB	$15
	MSR	R4, SCTLR_EL1
	ISB	$15
	RET

// func readCounter() uint64
TEXT ·readCounter(SB),NOSPLIT|NOFRAME,$0-8
	ISB	$15
	MRS	CNTVCT_EL0, R0
	MOVD	R0, ret+0(FP)
	RET

// func readFrequency() uint64
TEXT ·readFrequency(SB),NOSPLIT|NOFRAME,$0-8
	MRS	CNTFRQ_EL0, R0
	MOVD	R0, ret+0(FP)
	RET

// func setTimer(at uint64)
TEXT ·setTimer(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	at+0(FP), R0
	MSR	R0, CNTV_CVAL_EL0
	MOVD	$1, R0
	MSR	R0, CNTV_CTL_EL0
	ISB	$15
	RET

// func stopTimer()
TEXT ·stopTimer(SB),NOSPLIT|NOFRAME,$0
	MSR	ZR, CNTV_CTL_EL0
	ISB	$15
	RET

// func timerExpired() bool
// ENABLE and ISTATUS, without IMASK.
TEXT ·timerExpired(SB),NOSPLIT|NOFRAME,$0-1
	MRS	CNTV_CTL_EL0, R0
	CMP	$5, R0
	CSET	EQ, R0
	MOVB	R0, ret+0(FP)
	RET

// func framePointer() uintptr
TEXT ·framePointer(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	R29, ret+0(FP)
	RET
