// Into the kernel and out of it.

#include "go_asm.h"
#include "textflag.h"

#define CPSID_I		WORD $0xf10c0080	// cpsid i
#define CPSID_IF	WORD $0xf10c00c0	// cpsid if
#define CPSIE_IF	WORD $0xf10800c0	// cpsie if
#define CPS_SVC		WORD $0xf1020013	// cps #0x13
#define CPS_SYS		WORD $0xf102001f	// cps #0x1f
#define CLREX		WORD $0xf57ff01f
#define ISB		WORD $0xf57ff06f
#define DSB		WORD $0xf57ff04f
#define WFI		WORD $0xe320f003

// TPIDRPRW leads to the processor's gaspCPU (ARM ARM ARMv7-A, B4.1.150).
#define THIS(R)		MRC 15, 0, R, C13, C0, 4

// The board's cpuinit jumps here: System mode, interrupts off, MMU on, VBAR at a
// page that can be written and executed. Makes the vectors, and starts the
// runtime on the first thread's stack, with argc and argv as a Linux kernel would
// leave them (envp and auxv follow argv).
TEXT _rt0_tamago_start(SB),NOSPLIT|NOFRAME,$0
	CPSID_IF
	MOVW	$runtime·gaspFirstStack+const_gaspFirstStackSize(SB), R13
	BIC	$15, R13
	MOVW	$runtime·gaspCPU0(SB), R5
	BL	runtime·gaspTables(SB)
	MOVW	$runtime·gaspThreads(SB), R0
	MOVW	R0, gaspCPU_cur(R5)
	BL	runtime·gaspMakeGates(SB)
	MOVW	$runtime·gaspCrashG(SB), g	// calling Go takes a g; its stack ends at 0 yet
	BL	runtime·gaspStartArguments(SB)
	MOVW	runtime·gaspArguments+0(SB), R0	// argc
	MOVW	$runtime·gaspArguments+8(SB), R1	// argv
	CPSIE_IF
	B	runtime·rt0_go(SB)

// func gaspThis() *gaspCPU
TEXT runtime·gaspThis(SB),NOSPLIT|NOFRAME,$0-4
	THIS(R0)
	MOVW	R0, ret+0(FP)
	RET

// What an SWI that is none of the kernel's own becomes: R5 is the gaspCPU, R6 the
// thread, whose registers are saved.
TEXT runtime·gaspSyscall(SB),NOSPLIT|NOFRAME,$0
	WORD	$0xeef11a10		// vmrs r1, fpscr: all that a system call keeps of the VFP
	MOVW	R1, gaspContext_fpscr(R6)
	MOVW	gaspContext_r(R6), R1
	MOVW	R1, gaspContext_first(R6)
	MOVW	$runtime·gaspKernel(SB), R0
	B	runtime·gaspEnter(SB)

// An SWI of the kernel itself; R4 is the frame, R13 the kernel's stack. Keeps all
// registers but R0.
TEXT runtime·gaspNestedCall(SB),NOSPLIT|NOFRAME,$0
	SUB	$(15*4), R13		// R0-R12, LR, PC
	MOVM.IA.W (R4), [R0-R3]
	MOVM.IA	[R0-R3], (R13)
	MOVM.IA.W (R4), [R0-R3]
	ADD	$16, R13, R5
	MOVM.IA.W [R0-R3], (R5)
	MOVM.IA.W (R4), [R0-R3]
	MOVM.IA.W [R0-R3], (R5)
	MOVW	0(R4), R0		// R12
	MOVW	8(R4), R1		// LR
	MOVW	12(R4), R2		// PC
	MOVM.IA	[R0-R2], (R5)
	MOVW	28(R13), R0		// number, in R7
	MOVW	0(R13), R1
	MOVW	4(R13), R2
	MOVW	8(R13), R3
	MOVW	$0, R4
	SUB	$48, R13
	MOVW	R0, 4(R13)
	MOVW	R4, 8(R13)
	MOVW	R1, 12(R13)
	MOVW	R4, 16(R13)
	MOVW	R2, 20(R13)
	MOVW	R4, 24(R13)
	MOVW	R3, 28(R13)
	MOVW	R4, 32(R13)
	BL	runtime·gaspNested(SB)
	MOVW	36(R13), R0
	ADD	$48, R13
	MOVW	R0, 0(R13)
	MOVM.IA.W (R13), [R0-R12, R14, R15]

// Runs the ABI0 function R0 on the kernel's stack and g for thread R6, whose
// registers are saved, then resumes the processor's thread. R5 is the gaspCPU;
// interrupts are off. There is one processor: nobody else has the kernel's lock.
TEXT runtime·gaspEnter(SB),NOSPLIT|NOFRAME,$0
	MOVW	$1, R1
	MOVB	R1, gaspCPU_inKernel(R5)
	MOVW	R1, runtime·gaspOwner(SB)
	MOVW	gaspCPU_kernelG(R5), g
	MOVW	gaspCPU_top(R5), R13
	BL	(R0)
	B	runtime·gaspResume(SB)

// Goes on with the processor's thread. The exception's way back loads all its
// registers and, at once, program counter and status, from the frame of SVC mode.
TEXT runtime·gaspResume(SB),NOSPLIT|NOFRAME,$0
	THIS(R5)
	MOVW	$0, R0
	MOVW	R0, runtime·gaspOwner(SB)
	MOVW	gaspCPU_cur(R5), R6
	MOVW	gaspContext_fpscr(R6), R1
	WORD	$0xeee11a10		// vmsr fpscr, r1
	MOVW	gaspContext_fxvalid(R6), R1
	CMP	$0, R1
	BEQ	nofx
	MOVW	R0, gaspContext_fxvalid(R6)
	ADD	$gaspContext_fx, R6, R0
	BL	runtime·gaspLoadFX(SB)
nofx:
	MOVW	$(gaspCPU_gaspCPUArch+gaspCPUArch_frames), R4
	ADD	R5, R4
	ADD	$gaspContext_r, R6, R7
	MOVM.IA.W (R7), [R0-R3, R8, R9, R11]
	MOVM.IA.W [R0-R3, R8, R9, R11], (R4)
	MOVM.IA	(R7), [R0-R3, R8, R9]
	MOVM.IA.W [R0-R3, R8, R9], (R4)
	MOVW	gaspContext_sp(R6), R0
	MOVW	gaspContext_lr(R6), R1
	MOVW	gaspContext_pc(R6), R2
	MOVW	gaspContext_cpsr(R6), R3
	MOVM.IA	[R0-R3], (R4)
	CLREX			// whoever was between LDREX and STREX begins again
	MOVW	$0, R0
	MOVB	R0, gaspCPU_inKernel(R5)
	CPS_SVC
	MOVW	R13, R14
	MOVW	64(R14), R0
	WORD	$0xe16ff000	// msr SPSR_fsxc, r0
	WORD	$0xe8de7fff	// ldmia lr, {r0-r14}^
	MOVW	60(R14), R14
	MOVW.S	R14, R15	// movs pc, lr

// func gaspClockGettimePC() uintptr
TEXT runtime·gaspClockGettimePC(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	$gaspClockGettime<>(SB), R0
	MOVW	R0, ret+0(FP)
	RET

// clock_gettime(R0 clock, R1 *timespec) in the C calling convention, in place of
// the vDSO's: every clock is the board's. It runs on a g0 stack under any g, so
// that nothing it calls may check the stack, or be preempted there: a signal
// would take what it interrupts for Go code of the goroutine's.
TEXT gaspClockGettime<>(SB),NOSPLIT|NOFRAME,$0
	MOVM.DB.W [R4-R9, R11, R14], (R13)
	WORD	$0xe10f4000	// mrs r4, CPSR
	CPSID_I
	SUB	$16, R13
	MOVW	R4, 8(R13)
	MOVW	R1, 4(R13)
	BL	runtime·gaspFillTimespec(SB)
	MOVW	8(R13), R4
	ADD	$16, R13
	WORD	$0xe121f004	// msr CPSR_c, r4
	MOVW	$0, R0
	MOVM.IA.W (R13), [R4-R9, R11, R15]

// func gaspSignalReturnPC() uintptr
TEXT runtime·gaspSignalReturnPC(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	$gaspSignalReturn<>(SB), R0
	MOVW	R0, ret+0(FP)
	RET

// Where a signal handler returns to, with the stack as it was when it began: Linux
// has these two instructions in a page of its own (arch/arm/kernel/signal.c).
TEXT gaspSignalReturn<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	$const_gaspSysRtSigreturn, R7
	SWI	$0

TEXT runtime·gaspHalt(SB),NOSPLIT|NOFRAME,$0
	CPSID_IF
	WFI
	B	-1(PC)
