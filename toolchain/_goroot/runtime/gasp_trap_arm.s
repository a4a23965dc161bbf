// CPU exceptions and interrupts: vectors, entry points, and the ways out for good.

#include "go_asm.h"
#include "textflag.h"

#define CPSID_I		WORD $0xf10c0080	// cpsid i
#define CPSIE_F		WORD $0xf1080040	// cpsie f
#define CPS_FIQ		WORD $0xf1020011	// cps #0x11
#define CPS_SYS		WORD $0xf102001f	// cps #0x1f
#define CLREX		WORD $0xf57ff01f
#define ISB		WORD $0xf57ff06f
#define DSB		WORD $0xf57ff04f
#define THIS(R)		MRC 15, 0, R, C13, C0, 4

// Makes the vectors where VBAR is, in memory that can be written yet: eight
// times LDR PC, [PC, #24], and eight addresses (ARM ARM ARMv7-A, B1.8.1).
TEXT runtime·gaspMakeGates(SB),NOSPLIT|NOFRAME,$0
	MRC	15, 0, R0, C12, C0, 0
	MOVW	$0xe59ff018, R1
	MOVW	$8, R2
jump:
	MOVW.P	R1, 4(R0)
	SUB.S	$1, R2
	BNE	jump
	MOVW	$gaspVector0<>(SB), R1
	MOVW.P	R1, 4(R0)
	MOVW	$gaspVector1<>(SB), R1
	MOVW.P	R1, 4(R0)
	MOVW	$gaspVector2<>(SB), R1
	MOVW.P	R1, 4(R0)
	MOVW	$gaspVector3<>(SB), R1
	MOVW.P	R1, 4(R0)
	MOVW	$gaspVector4<>(SB), R1
	MOVW.P	R1, 4(R0)
	MOVW	$gaspVector0<>(SB), R1
	MOVW.P	R1, 4(R0)
	MOVW	$gaspVector6<>(SB), R1
	MOVW.P	R1, 4(R0)
	MOVW	$gaspVector7<>(SB), R1
	MOVW.P	R1, 4(R0)
	SUB	$64, R0
	MCR	15, 0, R0, C7, C11, 1	// DCCMVAU
	DSB
	MOVW	$0, R1
	MCR	15, 0, R1, C7, C5, 0	// ICIALLU
	DSB
	ISB
	RET

// Where a vector leads: the mode's R13 is its place for a frame, which takes the
// registers of System mode, the address of the instruction, and the status; R4
// leads to that frame then. All else runs in System mode, interrupts off.
#define VECTOR(N, OFFSET) \
	WORD	$0xe8cd7fff;	/* stmia sp, {r0-r14}^ */ \
	SUB	$OFFSET, R14, R14; \
	MOVW	R14, 60(R13); \
	WORD	$0xe14f0000;	/* mrs r0, SPSR */ \
	MOVW	R0, 64(R13); \
	MOVW	$N, R1; \
	MOVW	R13, R4; \
	CPS_SYS; \
	B	gaspTrap<>(SB)

TEXT gaspVector0<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(0, 0)
TEXT gaspVector1<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(1, 4)
TEXT gaspVector2<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(2, 0)
TEXT gaspVector3<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(3, 4)
TEXT gaspVector4<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(4, 8)
TEXT gaspVector6<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(6, 4)
TEXT gaspVector7<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(7, 4)

// R1 is the vector, R4 the frame.
TEXT gaspTrap<>(SB),NOSPLIT|NOFRAME,$0
	THIS(R5)
	CMP	$const_gaspVecFIQ, R1
	BEQ	fiq
	MOVB	gaspCPU_inKernel(R5), R0
	CMP	$0, R0
	BNE	inkernel
	MOVW	gaspCPU_cur(R5), R6
	MOVW	R1, gaspContext_vector(R6)
	ADD	$gaspContext_r, R6, R7
	MOVM.IA.W (R4), [R0, R2, R3, R8, R9, R11, R12]
	MOVM.IA.W [R0, R2, R3, R8, R9, R11, R12], (R7)
	MOVM.IA.W (R4), [R0, R2, R3, R8, R9, R11]
	MOVM.IA	[R0, R2, R3, R8, R9, R11], (R7)
	MOVM.IA	(R4), [R0, R2, R3, R8]
	MOVW	R0, gaspContext_sp(R6)
	MOVW	R2, gaspContext_lr(R6)
	MOVW	R3, gaspContext_pc(R6)
	MOVW	R8, gaspContext_cpsr(R6)
	MOVW	g, gaspContext_g(R6)
	CMP	$const_gaspVecSWI, R1
	BEQ	swi
	BL	gaspFaultCause<>(SB)
	MOVW	R2, gaspContext_errcode(R6)
	MOVW	R3, gaspContext_addr(R6)
	ADD	$gaspContext_fx, R6, R0
	BL	runtime·gaspKeepFX(SB)
	MOVW	$runtime·gaspTrapped(SB), R0
	B	runtime·gaspEnter(SB)
swi:
	B	runtime·gaspSyscall(SB)
inkernel:
	CMP	$const_gaspVecSWI, R1
	BEQ	nested
	MOVW	$gaspCPU_fault, R6		// nothing to go back to
	ADD	R5, R6
	BL	gaspSaveRegisters<>(SB)
	MOVW	$runtime·gaspFatalTrap(SB), R0
	B	gaspCrash<>(SB)
nested:
	B	runtime·gaspNestedCall(SB)
fiq:	// it may have come anywhere, here too, and mostly it goes on there
	MOVW	$gaspCPU_nmiRegs, R6
	ADD	R5, R6
	BL	gaspSaveRegisters<>(SB)
	MOVW	$(gaspCPU_gaspCPUArch+gaspCPUArch_nmiFX), R0
	ADD	R5, R0
	BL	runtime·gaspKeepFX(SB)
	MOVW	$runtime·gaspNMI(SB), R0
	B	gaspNMIStack<>(SB)

// What the vector R1 leaves of its cause: the fault status in R2, the address in
// R3 (ARM ARM ARMv7-A, B3.13).
TEXT gaspFaultCause<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	$0, R2
	MOVW	$0, R3
	CMP	$const_gaspVecData, R1
	BEQ	data
	CMP	$const_gaspVecPrefetch, R1
	BNE	none
	MRC	15, 0, R2, C5, C0, 1	// IFSR
	MRC	15, 0, R3, C6, C0, 2	// IFAR
none:
	RET
data:
	MRC	15, 0, R2, C5, C0, 0	// DFSR
	MRC	15, 0, R3, C6, C0, 0	// DFAR
	RET

// Makes the gaspRegisters at R6 of the frame at R4 and the vector R1.
TEXT gaspSaveRegisters<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	R14, R9
	BL	gaspFaultCause<>(SB)
	MOVW	R1, gaspRegisters_vector(R6)
	MOVW	R2, gaspRegisters_errcode(R6)
	MOVW	R3, gaspRegisters_addr(R6)
	MOVB	gaspCPU_inKernel(R5), R0
	MOVW	R0, gaspRegisters_kernel(R6)
	ADD	$gaspRegisters_regs, R6, R7
	MOVW	$15, R2
	MOVW	$0, R3
word:
	MOVW.P	4(R4), R0
	MOVW.P	R0, 4(R7)
	MOVW.P	R3, 4(R7)
	SUB.S	$1, R2
	BNE	word
	MOVM.IA	(R4), [R0, R2]
	MOVW	R0, gaspRegisters_pc(R6)
	MOVW	R2, 0(R7)
	B	(R9)

// Runs the ABI0 function R0 on the stack of FIQs, then goes back to what the FIQ
// interrupted.
TEXT gaspNMIStack<>(SB),NOSPLIT|NOFRAME,$0
	THIS(R5)
	MOVW	$1, R1
	MOVB	R1, gaspCPU_inKernel(R5)
	MOVW	$gaspCPU_nmiG, g
	ADD	R5, g
	MOVW	$(gaspCPU_istNMI+const_gaspStackSize-64), R13
	ADD	R5, R13
	BIC	$15, R13
	BL	(R0)
	THIS(R5)
	MOVW	$(gaspCPU_gaspCPUArch+gaspCPUArch_nmiFX), R0
	ADD	R5, R0
	BL	runtime·gaspLoadFX(SB)
	MOVW	$gaspCPU_nmiRegs, R6
	ADD	R5, R6
	MOVW	gaspRegisters_kernel(R6), R0
	MOVB	R0, gaspCPU_inKernel(R5)
	CLREX
	CPS_FIQ
	MOVW	R13, R14	// its frame
	MOVW	64(R14), R0
	WORD	$0xe16ff000	// msr SPSR_fsxc, r0
	WORD	$0xe8de7fff	// ldmia lr, {r0-r14}^
	MOVW	60(R14), R14
	MOVW.S	R14, R15	// movs pc, lr

// func gaspAsideAgain()
// Goes on with a report on demand, on its own stack emptied.
TEXT runtime·gaspAsideAgain(SB),NOSPLIT|NOFRAME,$0
	MOVW	$runtime·gaspAsideReport(SB), R0
	B	gaspNMIStack<>(SB)

// func gaspDying(kind uintptr, text string)
TEXT runtime·gaspDying(SB),NOSPLIT|NOFRAME,$0-12
	CPSID_I
	MOVW	$runtime·gaspAnnounced(SB), R1
	MOVW	4(R13), R0
	MOVW	R0, 0(R1)
	MOVW	8(R13), R0
	MOVW	R0, 32(R1)
	MOVW	12(R13), R0
	MOVW	R0, 36(R1)
	MOVW	R14, 8(R1)
	MOVW	R13, 16(R1)
	MOVW	g, 40(R1)
	THIS(R5)
	MOVB	gaspCPU_inKernel(R5), R0
	MOVW	R0, 48(R1)
	MOVW	$runtime·gaspLast(SB), R0
	B	gaspCrash<>(SB)

// func gaspOnCrashStack()
TEXT runtime·gaspOnCrashStack(SB),NOSPLIT|NOFRAME,$0
	MOVW	$runtime·gaspReport(SB), R0
	B	gaspCrash<>(SB)

// func gaspCrashTrap()
TEXT runtime·gaspCrashTrap(SB),NOSPLIT|NOFRAME,$0
	MOVW	$runtime·gaspFatalTrap(SB), R0
	B	gaspCrash<>(SB)

// Runs the ABI0 function R0 on the crash stack for good, with the g that belongs
// to it: that of the context that died may be what is broken. FIQs come in again
// if it was one that led here.
TEXT gaspCrash<>(SB),NOSPLIT|NOFRAME,$0
	CPSID_I
	THIS(R5)
	MOVW	$1, R1
	MOVW	R1, runtime·gaspDyingCPU(SB)
	MOVB	R1, gaspCPU_inKernel(R5)
	MOVW	$runtime·gaspCrashG(SB), g
	MOVW	$runtime·gaspCrashStack+65472(SB), R13
	BIC	$15, R13
	MOVW	runtime·gaspAside(SB), R1
	CMP	$0, R1
	BNE	2(PC)	// another FIQ would take the place of the registers that a report on demand has to go back to
	CPSIE_F
	BL	(R0)
	B	runtime·gaspHalt(SB)

// func gaspClaim()
// There is one processor: whoever dies is the first.
TEXT runtime·gaspClaim(SB),NOSPLIT|NOFRAME,$0
	MOVW	$1, R0
	MOVW	R0, runtime·gaspDyingCPU(SB)
	RET

// func gaspDisarmBreakpoints(pc uintptr)
// Switches those of the first four breakpoints off that are at pc (ARM ARM ARMv7-A,
// C11.11.2, C11.11.4).
#define DISARM(n) \
	MRC	14, 0, R1, C0, n, 4 \
	CMP	R0, R1 \
	BNE	3(PC) \
	MOVW	$0, R1 \
	MCR	14, 0, R1, C0, n, 5

TEXT runtime·gaspDisarmBreakpoints(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	pc+0(FP), R0
	DISARM(C0)
	DISARM(C1)
	DISARM(C2)
	DISARM(C3)
	WORD	$0xf57ff06f	// ISB
	RET
