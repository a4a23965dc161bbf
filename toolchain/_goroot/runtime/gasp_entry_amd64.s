// Into the kernel and out of it.

#include "go_asm.h"
#include "go_tls.h"
#include "textflag.h"

// A field of the gaspCPUArch in a gaspCPU.
#define ARCH(FIELD) (gaspCPU_gaspCPUArch+FIELD)

#define MSR_FS_BASE	0xc0000100
#define KERNEL_CODE	0x08
#define KERNEL_DATA	0x10
// RFLAGS of a thread: interrupts on
#define FLAGS_IF	0x202

// The board's cpuinit jumps here: 64-bit mode, paging on. Loads the kernel's
// descriptor tables, and starts the runtime on the first thread's stack, with argc
// and argv as a Linux kernel would leave them (envp and auxv follow argv).
TEXT _rt0_tamago_start(SB),NOSPLIT|NOFRAME,$0
	CLI
	MOVQ	$runtime·gaspFirstStack+const_gaspFirstStackSize(SB), SP
	ANDQ	$~15, SP
	XORL	BP, BP
	MOVQ	$runtime·gaspCPU0(SB), R15
	CALL	runtime·gaspTables(SB)
	MOVQ	$runtime·gaspThreads(SB), AX
	MOVQ	AX, gaspCPU_cur(R15)
	CALL	runtime·gaspMakeGates(SB)
	XORPS	X15, X15
	CALL	runtime·gaspStartArguments<ABIInternal>(SB)
	MOVQ	runtime·gaspArguments(SB), DI	// argc
	MOVQ	$runtime·gaspArguments+8(SB), SI	// argv
	STI
	JMP	runtime·rt0_go(SB)

// func gaspThis() *gaspCPU
TEXT runtime·gaspThis(SB),NOSPLIT,$0-8
	MOVQ	gaspCPU_self(GS), AX
	MOVQ	AX, ret+0(FP)
	RET

// What was SYSCALL: number in AX, arguments in DI SI DX R10 R8 R9, the address
// to return to in CX. Result in AX; clobbers CX and R11. Uses no stack of the
// caller's.
TEXT runtime·gaspSyscall(SB),NOSPLIT|NOFRAME,$0
	CMPB	gaspCPU_inKernel(GS), $0
	JNE	nested
	CLI			// until IRETQ in gaspResume or STI;HLT in the board's Sleep
	CMPQ	AX, $const_gaspSysArchPrctl
	JEQ	setfs
	MOVQ	gaspCPU_cur(GS), R11
	MOVQ	AX, gaspContext_ax(R11)
	MOVQ	BX, gaspContext_bx(R11)
	MOVQ	CX, gaspContext_pc(R11)
	MOVQ	DX, gaspContext_dx(R11)
	MOVQ	SI, gaspContext_si(R11)
	MOVQ	DI, gaspContext_di(R11)
	MOVQ	BP, gaspContext_bp(R11)
	MOVQ	SP, gaspContext_sp(R11)
	MOVQ	R8, gaspContext_r8(R11)
	MOVQ	R9, gaspContext_r9(R11)
	MOVQ	R10, gaspContext_r10(R11)
	MOVQ	R12, gaspContext_r12(R11)
	MOVQ	R13, gaspContext_r13(R11)
	MOVQ	R14, gaspContext_r14(R11)
	MOVQ	R15, gaspContext_r15(R11)
	MOVQ	$FLAGS_IF, gaspContext_flags(R11)
	STMXCSR	gaspContext_mxcsr(R11)
	MOVQ	$runtime·gaspKernel(SB), AX
	JMP	runtime·gaspEnter(SB)
setfs:	// arch_prctl(ARCH_SET_FS, SI): FS base and its shadow change together
	MOVQ	CX, R11
	MOVQ	SI, AX
	MOVQ	DX, R10
	MOVQ	AX, DX
	SHRQ	$32, DX
	MOVL	$MSR_FS_BASE, CX
	WRMSR
	MOVQ	R10, DX
	MOVQ	gaspCPU_cur(GS), AX
	MOVQ	SI, gaspContext_fs(AX)
	MOVQ	SI, ARCH(gaspCPUArch_fs)(GS)
	XORL	AX, AX
	STI
	JMP	R11
nested:	// the kernel itself; on its own stack
	SUBQ	$48, SP
	MOVQ	CX, 40(SP)
	MOVQ	AX, 0(SP)
	MOVQ	DI, 8(SP)
	MOVQ	SI, 16(SP)
	MOVQ	DX, 24(SP)
	CALL	runtime·gaspNested(SB)
	MOVQ	32(SP), AX
	MOVQ	40(SP), CX
	ADDQ	$48, SP
	JMP	CX

// Runs the ABI0 function AX on the kernel's stack and g for thread R11, whose
// registers are saved, with the kernel's lock, then resumes the processor's
// thread. Interrupts are off.
TEXT runtime·gaspEnter(SB),NOSPLIT|NOFRAME,$0
	MOVB	$1, gaspCPU_inKernel(GS)
	CLD
	get_tls(CX)
	MOVQ	g(CX), BX
	MOVQ	BX, gaspContext_g(R11)
	MOVQ	gaspCPU_kernelG(GS), BX
	MOVQ	BX, g(CX)
	MOVQ	gaspCPU_top(GS), SP
	XORL	BP, BP
	MOVQ	AX, BX
	MOVL	gaspCPU_number(GS), CX
	INCL	CX
	XORL	AX, AX
	LOCK
	CMPXCHGL CX, runtime·gaspOwner(SB)
	JNE	wait
run:
	CALL	BX
	JMP	runtime·gaspResume(SB)
wait:
	MOVB	$1, gaspCPU_locking(GS)
again:
	PAUSE
	MOVL	runtime·gaspOwner(SB), AX
	TESTL	AX, AX
	JNE	again
	LOCK
	CMPXCHGL CX, runtime·gaspOwner(SB)
	JNE	again
	MOVB	$0, gaspCPU_locking(GS)
	JMP	run

// Goes on with the processor's thread, which nobody else touches from here on.
TEXT runtime·gaspResume(SB),NOSPLIT|NOFRAME,$0
	MOVL	$0, runtime·gaspOwner(SB)
	MOVQ	gaspCPU_cur(GS), R11
	MOVQ	gaspContext_fs(R11), AX
	CMPQ	AX, ARCH(gaspCPUArch_fs)(GS)
	JEQ	samefs
	MOVQ	AX, ARCH(gaspCPUArch_fs)(GS)
	MOVQ	AX, DX
	SHRQ	$32, DX
	MOVL	$MSR_FS_BASE, CX
	WRMSR
samefs:
	get_tls(AX)
	MOVQ	gaspContext_g(R11), BX
	MOVQ	BX, g(AX)
	LDMXCSR	gaspContext_mxcsr(R11)
	CMPQ	gaspContext_fxvalid(R11), $0
	JEQ	nofx
	MOVQ	$0, gaspContext_fxvalid(R11)
	MOVQ	gaspContext_fx(R11), CX
	MOVQ	gaspCPU_top(GS), SP
	CALL	runtime·gaspLoadFX(SB)
nofx:
	MOVQ	gaspCPU_top(GS), SP
	PUSHQ	$KERNEL_DATA
	PUSHQ	gaspContext_sp(R11)
	PUSHQ	gaspContext_flags(R11)
	PUSHQ	$KERNEL_CODE
	PUSHQ	gaspContext_pc(R11)
	MOVQ	gaspContext_ax(R11), AX
	MOVQ	gaspContext_bx(R11), BX
	MOVQ	gaspContext_cx(R11), CX
	MOVQ	gaspContext_dx(R11), DX
	MOVQ	gaspContext_si(R11), SI
	MOVQ	gaspContext_di(R11), DI
	MOVQ	gaspContext_bp(R11), BP
	MOVQ	gaspContext_r8(R11), R8
	MOVQ	gaspContext_r9(R11), R9
	MOVQ	gaspContext_r10(R11), R10
	MOVQ	gaspContext_r12(R11), R12
	MOVQ	gaspContext_r13(R11), R13
	MOVQ	gaspContext_r14(R11), R14
	MOVQ	gaspContext_r15(R11), R15
	MOVQ	gaspContext_r11(R11), R11
	MOVB	$0, gaspCPU_inKernel(GS)
	IRETQ

// func gaspIdleTLS(c *gaspCPU)
// Leaves the TLS of the thread that ran: another processor may run it next.
TEXT runtime·gaspIdleTLS(SB),NOSPLIT,$0-8
	MOVQ	c+0(FP), BX
	MOVQ	(gaspCPU_idle+gaspContext_fs)(BX), AX
	CMPQ	AX, ARCH(gaspCPUArch_fs)(BX)
	JEQ	same
	MOVQ	AX, ARCH(gaspCPUArch_fs)(BX)
	MOVQ	AX, DX
	SHRQ	$32, DX
	MOVL	$MSR_FS_BASE, CX
	WRMSR
	MOVQ	gaspCPU_kernelG(BX), DX
	get_tls(CX)
	MOVQ	DX, g(CX)
same:
	RET

// func gaspClockGettimePC() uintptr
TEXT runtime·gaspClockGettimePC(SB),NOSPLIT,$0-8
	MOVQ	$gaspClockGettime<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// clock_gettime(DI clock, SI *timespec) in the C calling convention, in place of
// the vDSO's: every clock is the board's. It runs on a g0 stack under any g, so
// that nothing it calls may check the stack, or be preempted there: a signal
// would take what it interrupts for Go code of the goroutine's.
TEXT gaspClockGettime<>(SB),NOSPLIT|NOFRAME,$0
	PUSHQ	BX
	PUSHQ	BP
	PUSHQ	R12
	PUSHQ	R13
	PUSHQ	R15
	PUSHQ	SI
	PUSHFQ
	CLI
	SUBQ	$8, SP
	CALL	runtime·gaspNow(SB)
	MOVQ	0(SP), AX
	ADDQ	$8, SP
	POPFQ
	POPQ	SI
	XORL	DX, DX
	MOVQ	$1000000000, CX
	DIVQ	CX
	MOVQ	AX, 0(SI)
	MOVQ	DX, 8(SI)
	POPQ	R15
	POPQ	R13
	POPQ	R12
	POPQ	BP
	POPQ	BX
	XORL	AX, AX
	RET

TEXT runtime·gaspHalt(SB),NOSPLIT|NOFRAME,$0
	CLI
	HLT
	JMP	-2(PC)
