//go:build tamago

#include "textflag.h"

// func undefinedInstruction()
TEXT ·undefinedInstruction(SB),NOSPLIT,$0
	WORD	$0	// UDF #0
	RET

// func breakpointInstruction()
TEXT ·breakpointInstruction(SB),NOSPLIT,$0
	BRK
	RET

// func unalignedLoad()
TEXT ·unalignedLoad(SB),NOSPLIT,$16-0
	MOVD	RSP, R0
	ADD	$1, R0
	LDXR	(R0), R1
	RET

// func pushAt(sp uintptr)
TEXT ·pushAt(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	sp+0(FP), R0
	MOVD	R0, RSP
	MOVD	R0, -16(RSP)
	RET

// func pushForever()
TEXT ·pushForever(SB),NOSPLIT|NOFRAME,$0
push:
	SUB	$16, RSP
	MOVD	R0, (RSP)
	JMP	push

// func call(pc uintptr)
TEXT ·call(SB),NOSPLIT,$0-8
	MOVD	pc+0(FP), R0
	BL	(R0)
	RET

// func victim()
TEXT ·victim(SB),NOSPLIT|NOFRAME,$0
	NOOP
	RET

// func victimPC() uintptr
TEXT ·victimPC(SB),NOSPLIT,$0-8
	MOVD	$·victim(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// func vectorBase() uintptr
TEXT ·vectorBase(SB),NOSPLIT,$0-8
	MRS	VBAR_EL1, R0
	MOVD	R0, ret+0(FP)
	RET

// func overwriteG(size uintptr)
// Overwrites the g that R28 holds, then calls a function that looks at it.
TEXT ·overwriteG(SB),NOSPLIT,$0-8
	MOVD	size+0(FP), R1
	MOVD	g, R0
	MOVD	$0xa5, R2
next:
	MOVB.P	R2, 1(R0)
	SUBS	$1, R1
	BNE	next
	BL	checksStack<>(SB)
	RET

TEXT checksStack<>(SB),0,$256-0
	MOVD	ZR, 8(RSP)
	RET

// func smashStack(seed uint64, end uintptr, returns bool)
// Overwrites the stack from its caller's frame to end, of each four words two with
// random numbers, one with an address in RAM and one with its own, then returns or
// stores through nil.
TEXT ·smashStack(SB),NOSPLIT|NOFRAME,$0-17
	MOVD	seed+0(FP), R0
	MOVD	end+8(FP), R1
	MOVBU	returns+16(FP), R2
	MOVD	RSP, R3
next:
	CMP	R1, R3
	BHS	done
	EOR	R0<<13, R0	// xorshift
	EOR	R0>>7, R0
	EOR	R0<<17, R0
	MOVD	R0, R4
	TBZ	$62, R0, store
	MOVD	R3, R4
	TBZ	$61, R0, store
	AND	$0x3fffff8, R0, R4
	ADD	$0x41000000, R4
store:
	MOVD.P	R4, 8(R3)
	JMP	next
done:
	CBNZ	R2, return
	MOVD	ZR, R0
	MOVD	R0, (R0)
return:
	RET

// func interruptsOff()
// As the kernel under the runtime masks them, which is not always by PSTATE.I.
TEXT ·interruptsOff(SB),NOSPLIT,$0
	CALL	gasp∕board∕arm64·MaskInterrupts(SB)
	RET

// func interruptsOn()
TEXT ·interruptsOn(SB),NOSPLIT,$0
	CALL	gasp∕board∕arm64·UnmaskInterrupts(SB)
	RET

// func hang(cpu uint64)
// Returns if it runs on another processor than the one with that affinity
// (MPIDR_EL1.Aff0).
TEXT ·hang(SB),NOSPLIT,$0-8
	CALL	gasp∕board∕arm64·MaskInterrupts(SB)
	MOVD	cpu+0(FP), R1
	MRS	MPIDR_EL1, R0
	AND	$0xff, R0
	CMP	R1, R0
	BNE	other
	JMP	0(PC)
other:
	CALL	gasp∕board∕arm64·UnmaskInterrupts(SB)
	RET

// func cpu() uint64
// MPIDR_EL1.Aff0.
TEXT ·cpu(SB),NOSPLIT,$0-8
	MRS	MPIDR_EL1, R0
	AND	$0xff, R0
	MOVD	R0, ret+0(FP)
	RET

#define GPIO	0x09030000	// the PL061 of QEMU's virt machine (hw/arm/virt.c)
#define GPIOIS	0x404
#define GPIOIEV	0x40c
#define GPIOIE	0x410
#define KEY	8

// func askForReport()
// The power key is up. With its interrupt masked that is made one, of a level that is low, which stays when the interrupt is
// again what board/virt wants, a rising edge's (QEMU hw/gpio/pl061.c; a PL061 in hardware would forget it). Then a million
// instructions or so, for the report to begin.
TEXT ·askForReport(SB),NOSPLIT,$0
	MOVD	$GPIO, R0
	MOVWU	GPIOIE(R0), R1
	BIC	$KEY, R1, R2
	MOVW	R2, GPIOIE(R0)
	MOVWU	GPIOIEV(R0), R2
	BIC	$KEY, R2, R3
	MOVW	R3, GPIOIEV(R0)
	MOVWU	GPIOIS(R0), R3
	ORR	$KEY, R3, R4
	MOVW	R4, GPIOIS(R0)
	MOVW	R3, GPIOIS(R0)
	MOVW	R2, GPIOIEV(R0)
	MOVW	R1, GPIOIE(R0)
	MOVD	$500000, R0
wait:
	SUBS	$1, R0
	BNE	wait
	RET

// func stall()
TEXT ·stall(SB),NOSPLIT,$0
	JMP	0(PC)

// MDSCR_EL1: debug exceptions, of the kernel's level too (Arm ARM, D13.3.20).
#define MDE_KDE	(1<<15|1<<13)
// DBGBCR: enabled, at EL1, all bytes (D13.3.2: E, PMC, BAS).
#define AT_EL1	0x1e3

// func setBreakpoints(pc *[4]uintptr, mask uintptr)
TEXT ·setBreakpoints(SB),NOSPLIT,$0-16
	MSR	ZR, OSLAR_EL1
	MRS	MDSCR_EL1, R3
	MOVD	$MDE_KDE, R4
	BIC	R4, R3
	MSR	R3, MDSCR_EL1
	ISB	$15
	MOVD	pc+0(FP), R0
	MOVD	mask+8(FP), R1
	MOVD	$AT_EL1, R2
	LDP	(R0), (R5, R6)
	MSR	R5, DBGBVR0_EL1
	MSR	R6, DBGBVR1_EL1
	LDP	16(R0), (R5, R6)
	MSR	R5, DBGBVR2_EL1
	MSR	R6, DBGBVR3_EL1
	SBFX	$0, R1, $1, R5	// all ones if the bit is set
	AND	R2, R5
	MSR	R5, DBGBCR0_EL1
	SBFX	$1, R1, $1, R5
	AND	R2, R5
	MSR	R5, DBGBCR1_EL1
	SBFX	$2, R1, $1, R5
	AND	R2, R5
	MSR	R5, DBGBCR2_EL1
	SBFX	$3, R1, $1, R5
	AND	R2, R5
	MSR	R5, DBGBCR3_EL1
	ORR	R4, R3
	MSR	R3, MDSCR_EL1
	ISB	$15
	RET
