//go:build tamago

#include "go_asm.h"
#include "textflag.h"

// Ordinary interrupts masked by priority (masking.go): by ICC_PMR_EL1 (Arm IHI 0069H, 12.2), or the same register of version 2 (IHI 0048B, 4.4).
#define GICC_PMR	0x04
#define GICC_IAR	0x0c
#define GICC_EOIR	0x10
#define NONE	1020	// from here on an interrupt's number is none

// The kernel under the runtime calls these at its entries and exits, with all interrupts off. They use R3 to R5 and R30.

// Masks ordinary interrupts. R3 is the mask before, 0 if masks are not by priority: then this does nothing.
TEXT runtime∕goos·Mask(SB),NOSPLIT|NOFRAME,$0-0
	MOVD	·masking(SB), R4
	MOVD	$const_urgentOnly, R5
	CBZ	R4, none
	TBZ	$0, R4, version2
	MRS	ICC_PMR_EL1, R3
	MSR	R5, ICC_PMR_EL1
	ISB	$15
	RET
version2:
	MOVWU	GICC_PMR(R4), R3
	MOVW	R5, GICC_PMR(R4)
	MOVWU	GICC_PMR(R4), R5	// it is there
	DSB	$15
	RET
none:
	MOVD	ZR, R3
	RET

// Makes R3, as Mask returned it, the mask again; nothing if it is 0. The barrier is for controllers that are told of it (V3 4.8.6, PMHE).
TEXT runtime∕goos·Unmask(SB),NOSPLIT|NOFRAME,$0-0
	MOVD	·masking(SB), R4
	CBZ	R3, done
	CBZ	R4, done
	TBZ	$0, R4, version2
	MSR	R3, ICC_PMR_EL1
	DSB	$15
done:
	RET
version2:
	MOVW	R3, GICC_PMR(R4)
	DSB	$15
	RET

// Takes the urgent interrupt that is pending, with ordinary ones masked: R3 is its number, NONE or more if there is none.
// It is over for the controller then, but nothing comes in before its device is quiet. Taken tells which it was.
TEXT runtime∕goos·Take(SB),NOSPLIT|NOFRAME,$0-0
	MOVD	·masking(SB), R4
	MOVD	$NONE, R3
	CBZ	R4, done
	TBZ	$0, R4, version2
	MRS	ICC_IAR1_EL1, R3
	DSB	$15
	CMP	$NONE, R3
	BHS	done
	MSR	R3, ICC_EOIR1_EL1
	ISB	$15
	JMP	done
version2:
	MOVWU	GICC_IAR(R4), R5
	AND	$0x3ff, R5, R3
	CMP	$NONE, R3
	BHS	done
	MOVW	R5, GICC_EOIR(R4)
	DSB	$15
done:
	MSR	R3, TPIDRRO_EL0		// nobody else uses it
	RET

// func Taken() uint32
TEXT ·Taken(SB),NOSPLIT|NOFRAME,$0-4
	MRS	TPIDRRO_EL0, R0
	MOVW	R0, ret+0(FP)
	RET

// func AdmitUrgent()
TEXT ·AdmitUrgent(SB),NOSPLIT,$0-0
	CALL	runtime∕goos·Mask(SB)
	CBZ	R3, done
	MSR	$2, DAIFClr
done:
	RET

// func MaskInterrupts()
TEXT ·MaskInterrupts(SB),NOSPLIT,$0-0
	MSR	$2, DAIFSet
	CALL	runtime∕goos·Mask(SB)
	CBZ	R3, done
	MSR	$2, DAIFClr
done:
	RET

// func UnmaskInterrupts()
TEXT ·UnmaskInterrupts(SB),NOSPLIT,$0-0
	MOVD	$const_anyOne, R3
	CALL	runtime∕goos·Unmask(SB)
	MSR	$2, DAIFClr
	RET

// func RestoreMasks(masks uint64)
TEXT ·RestoreMasks(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	masks+0(FP), R0
	MSR	R0, DAIF
	RET

// func waitForInterrupt()
// An interrupt ends WFI that PSTATE.I masks, but none that the priority does.
TEXT ·waitForInterrupt(SB),NOSPLIT,$0
	MRS	DAIF, R0
	MSR	$2, DAIFSet
	MOVD	$const_anyOne, R3
	CALL	runtime∕goos·Unmask(SB)
	DSB	$15
	WFI
	CALL	runtime∕goos·Mask(SB)
	MSR	R0, DAIF
	RET
