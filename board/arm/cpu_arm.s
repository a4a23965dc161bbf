//go:build tamago

#include "textflag.h"

#define ISB	WORD $0xf57ff06f
#define DSB	WORD $0xf57ff04f

// func unlockTables() (domains uint32)
// Makes the processor check no rights: DACR, manager of domain 0 (ARM ARM ARMv7-A,
// B4.1.43).
TEXT ·unlockTables(SB),NOSPLIT|NOFRAME,$0-4
	MRC	15, 0, R0, C3, C0, 0
	MOVW	R0, ret+0(FP)
	MOVW	$3, R0
	MCR	15, 0, R0, C3, C0, 0
	ISB
	RET

// func lockTables(domains uint32)
// Makes what was changed in the tables hold (B3.10.1), and DACR what it was.
TEXT ·lockTables(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	domains+0(FP), R0
	DSB
	MOVW	$0, R1
	MCR	15, 0, R1, C8, C7, 0	// TLBIALL
	MCR	15, 0, R1, C7, C5, 6	// BPIALL
	DSB
	ISB
	MCR	15, 0, R0, C3, C0, 0
	ISB
	RET

// func readCounter() uint64
// CNTPCT (B4.1.30).
TEXT ·readCounter(SB),NOSPLIT|NOFRAME,$0-8
	ISB
	WORD	$0xec510f0e	// mrrc p15, 0, r0, r1, c14
	MOVW	R0, ret_lo+0(FP)
	MOVW	R1, ret_hi+4(FP)
	RET

// func readFrequency() uint32
// CNTFRQ (B4.1.21).
TEXT ·readFrequency(SB),NOSPLIT|NOFRAME,$0-4
	MRC	15, 0, R0, C14, C0, 0
	MOVW	R0, ret+0(FP)
	RET

// func writeFrequency(hz uint32)
TEXT ·writeFrequency(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	hz+0(FP), R0
	MCR	15, 0, R0, C14, C0, 0
	ISB
	RET

// func setTimer(ticks uint32)
// CNTP_TVAL, and CNTP_CTL: enabled (B4.1.27, B4.1.29).
TEXT ·setTimer(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	ticks+0(FP), R0
	MCR	15, 0, R0, C14, C2, 0
	MOVW	$1, R0
	MCR	15, 0, R0, C14, C2, 1
	ISB
	RET

// func stopTimer()
TEXT ·stopTimer(SB),NOSPLIT|NOFRAME,$0
	MOVW	$0, R0
	MCR	15, 0, R0, C14, C2, 1
	ISB
	RET

// func waitForInterrupt()
// WFI returns when an interrupt is pending, masked or not: the kernel under the
// runtime handles it. On TamaGo's toolchain there is none: let it in.
TEXT ·waitForInterrupt(SB),NOSPLIT|NOFRAME,$0
	DSB
	WORD	$0xe320f003	// wfi
	RET

// func framePointer() uintptr
// There are none on this architecture.
TEXT ·framePointer(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	$0, R0
	MOVW	R0, ret+0(FP)
	RET
