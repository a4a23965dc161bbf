// Exceptions and interrupts: vectors, and what is no thread's.

#include "go_asm.h"
#include "go_tls.h"
#include "textflag.h"
#include "gasp_arm64.h"

// Goes on only on the processor that is the first to die; another one stops here
// for good. Clobbers R9 to R12.
#define CLAIM \
	MRS	TPIDR_EL1, R12; \
	MOVWU	gaspCPU_number(R12), R9; \
	ADDW	$1, R9; \
	MOVD	$runtime·gaspDyingCPU(SB), R10; \
	LDAXRW	(R10), R11; \
	CBNZW	R11, 4(PC); \
	STLXRW	R9, (R10), R11; \
	CBNZW	R11, -3(PC); \
	JMP	4(PC); \
	CMPW	R9, R11; \
	BEQ	2(PC); \
	JMP	gaspLate<>(SB)

// Keeps what an exception interrupted in a gaspRegisters of the processor's, to
// which R0 leads then; the others are free. R0 is in TPIDR_EL0.
#define SAVE(FIELD) \
	MRS	TPIDR_EL1, R0; \
	ADD	$FIELD, R0; \
	STORE_REGISTERS(gaspRegisters_r); \
	MRS	TPIDR_EL0, R1; \
	MRS	ELR_EL1, R2; \
	MRS	SPSR_EL1, R3; \
	MOVD	RSP, R4; \
	MOVD	R1, gaspRegisters_r(R0); \
	MOVD	R2, gaspRegisters_pc(R0); \
	MOVD	R3, gaspRegisters_pstate(R0); \
	MOVD	R4, gaspRegisters_own(R0); \
	TBNZ	$0, R3, 2(PC); \
	MRS	SP_EL0, R4; \
	MOVD	R4, gaspRegisters_sp(R0); \
	MRS	ESR_EL1, R5; \
	MRS	FAR_EL1, R6; \
	MOVD	R5, gaspRegisters_errcode(R0); \
	MOVD	R6, gaspRegisters_addr(R0); \
	MRS	TPIDR_EL1, R26; \
	MOVBU	gaspCPU_inKernel(R26), R4; \
	MOVD	R4, gaspRegisters_kernel(R0)

// The table that VBAR_EL1 leads to (Arm ARM, D1.4.1.3): sixteen entries of 128
// bytes. Of a thread, which runs on SP_EL0; of the kernel; and of lower exception
// levels, where nothing runs.
TEXT runtime·gaspVectors(SB),NOSPLIT|NOFRAME,$0
	PCALIGN	$2048
	JMP	runtime·gaspThreadTrap(SB)
	PCALIGN	$128
	JMP	runtime·gaspThreadIRQ(SB)
	PCALIGN	$128
	MSR	R0, TPIDR_EL0
	JMP	gaspFIQ<>(SB)
	PCALIGN	$128
	MSR	R0, TPIDR_EL0
	JMP	gaspSError<>(SB)

	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelIRQ<>(SB)
	PCALIGN	$128
	MSR	R0, TPIDR_EL0
	JMP	gaspFIQ<>(SB)
	PCALIGN	$128
	MSR	R0, TPIDR_EL0
	JMP	gaspSError<>(SB)

	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)
	PCALIGN	$128
	JMP	gaspKernelTrap<>(SB)

// An exception of the kernel's, or one of its own system calls.
TEXT gaspKernelTrap<>(SB),NOSPLIT|NOFRAME,$0
	MSR	R0, TPIDR_EL0
	MRS	ESR_EL1, R0
	LSR	$CLASS, R0
	SUB	$SVC64, R0
	CBNZ	R0, fatal
	JMP	runtime·gaspNestedCall(SB)
fatal:	// nothing to go back to
	SAVE(gaspCPU_fault)
	LSR	$CLASS, R5
	MOVD	R5, gaspRegisters_vector(R0)
	MOVD	$runtime·gaspFatalTrap(SB), R1
	JMP	gaspCrash<>(SB)

// A system error: what a memory access, or the machine, failed at.
TEXT gaspSError<>(SB),NOSPLIT|NOFRAME,$0
	SAVE(gaspCPU_fault)
	MOVD	$const_gaspVecSError, R5
	MOVD	R5, gaspRegisters_vector(R0)
	MOVD	$runtime·gaspFatalTrap(SB), R1
	JMP	gaspCrash<>(SB)

// An urgent interrupt that is an IRQ: of the kernel, which has ordinary ones masked by
// their priority.
TEXT gaspKernelIRQ<>(SB),NOSPLIT|NOFRAME,$0
	MSR	R0, TPIDR_EL0
	SAVE(gaspCPU_nmiRegs)
	BL	runtime∕goos·Take(SB)
	MOVD	ZR, gaspRegisters_mask(R0)
	JMP	gaspUrgent<>(SB)

// One of a thread. It is taken, and its thread's mask kept.
TEXT runtime·gaspThreadUrgent(SB),NOSPLIT|NOFRAME,$0
	SAVE(gaspCPU_nmiRegs)
	MOVD	gaspCPU_cur(R26), R4
	MOVD	gaspContext_mask(R4), R3
	MOVD	R3, gaspRegisters_mask(R0)
	JMP	gaspUrgent<>(SB)

// An FIQ.
TEXT gaspFIQ<>(SB),NOSPLIT|NOFRAME,$0
	SAVE(gaspCPU_nmiRegs)
	MOVD	ZR, gaspRegisters_mask(R0)
	JMP	gaspUrgent<>(SB)

// An urgent interrupt may have come anywhere, but at the kernel's entries and exits, and
// mostly it goes on there.
TEXT gaspUrgent<>(SB),NOSPLIT|NOFRAME,$0
	MOVD	$const_gaspVecNMI, R5
	MOVD	R5, gaspRegisters_vector(R0)
	MOVD	$(gaspCPU_gaspCPUArch+gaspCPUArch_nmiFX), R2
	ADD	R26, R2
	KEEP_FX(R2)
	MOVD	$runtime·gaspNMI(SB), R1
	JMP	gaspNMIStack<>(SB)

// Runs the ABI0 function R1 on the NMI's stack, then goes back to what the NMI
// interrupted.
TEXT gaspNMIStack<>(SB),NOSPLIT|NOFRAME,$0
	MSR	$ALL, DAIFSet
	MRS	TPIDR_EL1, R26
	MOVD	$1, R2
	MOVB	R2, gaspCPU_inKernel(R26)
	MOVD	$gaspCPU_nmiG, g
	ADD	R26, g
	MOVD	$(gaspCPU_istNMI+const_gaspStackSize-64), R2
	ADD	R26, R2
	AND	$~15, R2
	MOVD	R2, RSP
	MOVD	$0, R29
	BL	(R1)
	MSR	$ALL, DAIFSet
	MRS	TPIDR_EL1, R26
	MOVD	$(gaspCPU_gaspCPUArch+gaspCPUArch_nmiFX), R2
	ADD	R26, R2
	LOAD_FLOAT_STATE(R2)
	LOAD_VECTORS(R2)
	ADD	$gaspCPU_nmiRegs, R26, R0
	MOVD	gaspRegisters_mask(R0), R3
	CBZ	R3, 2(PC)
	BL	runtime∕goos·Unmask(SB)
	MOVD	gaspRegisters_kernel(R0), R1
	MOVB	R1, gaspCPU_inKernel(R26)
	MOVD	gaspRegisters_pc(R0), R1
	MOVD	gaspRegisters_pstate(R0), R2
	MOVD	gaspRegisters_own(R0), R3
	MSR	R1, ELR_EL1
	MSR	R2, SPSR_EL1
	MOVD	R3, RSP
	LOAD_REGISTERS(gaspRegisters_r)
	ERET

// func gaspAsideAgain()
// Goes on with a report on demand, on its own stack emptied.
TEXT runtime·gaspAsideAgain(SB),NOSPLIT|NOFRAME,$0
	MOVD	$runtime·gaspAsideReport(SB), R1
	JMP	gaspNMIStack<>(SB)

// func gaspDying(kind uintptr, text string)
TEXT runtime·gaspDying(SB),NOSPLIT|NOFRAME,$0-24
	MSR	$IRQ, DAIFSet
	CLAIM
	MOVD	$runtime·gaspAnnounced(SB), R1
	MOVD	kind+0(FP), R2
	MOVD	R2, 0(R1)
	MOVD	R30, 8(R1)
	MOVD	RSP, R2
	MOVD	R2, 16(R1)
	MOVD	R29, 24(R1)
	MOVD	text_base+8(FP), R2
	MOVD	R2, 32(R1)
	MOVD	text_len+16(FP), R2
	MOVD	R2, 40(R1)
	MOVD	g, 48(R1)
	MRS	TPIDR_EL1, R26
	MOVBU	gaspCPU_inKernel(R26), R2
	MOVD	R2, 56(R1)
	MOVD	$runtime·gaspLast(SB), R1
	JMP	gaspCrash<>(SB)

// func gaspOnCrashStack()
TEXT runtime·gaspOnCrashStack(SB),NOSPLIT|NOFRAME,$0
	MOVD	$runtime·gaspReport(SB), R1
	JMP	gaspCrash<>(SB)

// func gaspCrashTrap()
TEXT runtime·gaspCrashTrap(SB),NOSPLIT|NOFRAME,$0
	MOVD	$runtime·gaspFatalTrap(SB), R1
	JMP	gaspCrash<>(SB)

// Runs the ABI0 function R1 on the crash stack for good, with the g that belongs to
// it: that of the context that died may be what is broken. Urgent interrupts are let
// in, if it was one that led here; but not in a report on demand, which goes on behind its
// faults: another one would take the place of the registers that it has to go back to.
TEXT gaspCrash<>(SB),NOSPLIT|NOFRAME,$0
	MSR	$ALL, DAIFSet
	CLAIM
	MRS	TPIDR_EL1, R26
	MOVD	$1, R2
	MOVB	R2, gaspCPU_inKernel(R26)
	MOVD	$runtime·gaspCrashG(SB), g
	MSR	$1, SPSel
	MOVD	$runtime·gaspCrashStack+65472(SB), R2
	AND	$~15, R2
	MOVD	R2, RSP
	MOVD	$0, R29
	MOVWU	runtime·gaspAside(SB), R2
	MOVD	gaspCPU_number(R26), R3
	ADD	$1, R3
	CMP	R2, R3
	BEQ	aside
	BL	runtime∕goos·Mask(SB)
	ADMIT_URGENT
aside:
	BL	(R1)
	JMP	runtime·gaspHalt(SB)

// func gaspClaim()
// Returns only on the processor that is the first to die.
TEXT runtime·gaspClaim(SB),NOSPLIT|NOFRAME,$0
	CLAIM
	RET

// A processor that dies while another one does: it is stopped, where it says. Urgent
// interrupts are let in, which stop it if its own did not yet.
TEXT gaspLate<>(SB),NOSPLIT|NOFRAME,$0
	MSR	$ALL, DAIFSet
	MRS	TPIDR_EL1, R26
	MOVD	$1, R2
	MOVB	R2, gaspCPU_inKernel(R26)
	MOVB	R2, gaspCPU_stopped(R26)
	BL	runtime∕goos·Mask(SB)
	ADMIT_URGENT
	JMP	runtime·gaspHalt(SB)

// func gaspDisarmBreakpoints(pc uint64)
// Clears the control registers of those of the first four breakpoints that lead to
// pc; every processor has two (Arm ARM, D2.8).
TEXT runtime·gaspDisarmBreakpoints(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	pc+0(FP), R0
	MRS	ID_AA64DFR0_EL1, R2
	UBFX	$12, R2, $4, R2	// their number - 1
	MRS	DBGBVR0_EL1, R1
	CMP	R0, R1
	BNE	2(PC)
	MSR	ZR, DBGBCR0_EL1
	MRS	DBGBVR1_EL1, R1
	CMP	R0, R1
	BNE	2(PC)
	MSR	ZR, DBGBCR1_EL1
	CMP	$3, R2
	BLO	done
	MRS	DBGBVR2_EL1, R1
	CMP	R0, R1
	BNE	2(PC)
	MSR	ZR, DBGBCR2_EL1
	MRS	DBGBVR3_EL1, R1
	CMP	R0, R1
	BNE	2(PC)
	MSR	ZR, DBGBCR3_EL1
done:
	ISB	$15
	RET
