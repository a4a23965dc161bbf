// Into the kernel and out of it. Threads run at EL1 on SP_EL0; exceptions, system
// calls among them, come in on SP_EL1, the kernel's own stack. TPIDR_EL1 leads to
// the processor's gaspCPU, TPIDR_EL0 is room for one register at the entries, with
// all interrupts off.

#include "go_asm.h"
#include "go_tls.h"
#include "textflag.h"
#include "gasp_arm64.h"

// The board's cpuinit jumps here: EL1, paging on. Starts the runtime on the first
// thread's stack, with argc and argv as a Linux kernel would leave them (envp and
// auxv follow argv).
TEXT _rt0_tamago_start(SB),NOSPLIT|NOFRAME,$0
	MSR	$ALL, DAIFSet
	MOVD	$runtime·gaspCPU0(SB), R26
	BL	runtime·gaspTables(SB)
	MOVD	$runtime·gaspThreads(SB), R0
	MOVD	R0, gaspCPU_cur(R26)
	MOVD	gaspCPU_kernelG(R26), g
	BL	runtime·gaspStartArguments<ABIInternal>(SB)
	MSR	$0, SPSel
	MOVD	$runtime·gaspFirstStack+const_gaspFirstStackSize(SB), R0
	AND	$~15, R0
	MOVD	R0, RSP
	MOVD	$0, R29
	MOVD	$runtime·gaspArguments(SB), R1
	MOVD	(R1), R0	// argc
	ADD	$8, R1		// argv
	MSR	$ALL, DAIFClr
	JMP	runtime·rt0_go(SB)

// func gaspThis() *gaspCPU
TEXT runtime·gaspThis(SB),NOSPLIT|NOFRAME,$0-8
	MRS	TPIDR_EL1, R0
	MOVD	R0, ret+0(FP)
	RET

// A system call or an exception of a thread.
TEXT runtime·gaspThreadTrap(SB),NOSPLIT|NOFRAME,$0
	KEEP_THREAD
	BL	runtime∕goos·Mask(SB)
	MOVD	R3, gaspContext_mask(R0)
	MRS	ESR_EL1, R1
	MRS	FAR_EL1, R2
	MOVD	R1, gaspContext_errcode(R0)
	MOVD	R2, gaspContext_far(R0)
	LSR	$CLASS, R1
	CMP	$SVC64, R1
	BEQ	call
	MOVD	R1, gaspContext_vector(R0)
	ADD	$gaspContext_fx, R0, R2
	KEEP_FX(R2)
	MOVD	$runtime·gaspTrapped(SB), R1
	JMP	runtime·gaspEnter(SB)
call:
	MOVD	gaspContext_r(R0), R1
	MOVD	R1, gaspContext_first(R0)
	ADD	$gaspContext_fx, R0, R2
	KEEP_FLOAT_STATE(R2)
	MOVD	$runtime·gaspKernel(SB), R1
	JMP	runtime·gaspEnter(SB)

// An interrupt of a thread. Which one, the interrupt controller knows. An urgent one,
// where those are IRQs, does not enter the kernel.
TEXT runtime·gaspThreadIRQ(SB),NOSPLIT|NOFRAME,$0
	KEEP_THREAD
	BL	runtime∕goos·Mask(SB)
	MOVD	R3, gaspContext_mask(R0)
	CBZ	R3, ordinary
	BL	runtime∕goos·Take(SB)
	CMP	$NO_INTERRUPT, R3
	BHS	ordinary
	LOAD_REGISTERS(gaspContext_r)
	MSR	R0, TPIDR_EL0
	JMP	runtime·gaspThreadUrgent(SB)
ordinary:
	MOVD	$const_gaspIRQ0, R1
	MOVD	R1, gaspContext_vector(R0)
	ADD	$gaspContext_fx, R0, R2
	KEEP_FX(R2)
	MOVD	$runtime·gaspTrapped(SB), R1
	JMP	runtime·gaspEnter(SB)

// Runs the ABI0 function R1 on the kernel's stack and g for the processor's thread,
// whose registers are saved, with the kernel's lock, then resumes the processor's
// thread. All interrupts are off.
TEXT runtime·gaspEnter(SB),NOSPLIT|NOFRAME,$0
	MRS	TPIDR_EL1, R26
	MOVD	$1, R2
	MOVB	R2, gaspCPU_inKernel(R26)
	MOVD	gaspCPU_kernelG(R26), g
	MOVD	gaspCPU_top(R26), R2
	MOVD	R2, RSP
	MOVD	$0, R29
	MOVD	gaspCPU_cur(R26), R3
	MOVD	gaspContext_mask(R3), R3
	ADMIT_URGENT
	MOVWU	gaspCPU_number(R26), R3
	ADDW	$1, R3
	MOVD	$runtime·gaspOwner(SB), R4
	LDAXRW	(R4), R5
	CBNZW	R5, wait
	STLXRW	R3, (R4), R6
	CBNZW	R6, wait
run:
	BL	(R1)
	JMP	runtime·gaspResume(SB)
wait:
	MOVD	$1, R2
	MOVB	R2, gaspCPU_locking(R26)
again:
	YIELD
	LDAXRW	(R4), R5
	CBNZW	R5, again
	STLXRW	R3, (R4), R6
	CBNZW	R6, again
	MOVB	ZR, gaspCPU_locking(R26)
	JMP	run

// Goes on with the processor's thread, which nobody else touches from here on.
TEXT runtime·gaspResume(SB),NOSPLIT|NOFRAME,$0
	MSR	$ALL, DAIFSet
	MOVD	$runtime·gaspOwner(SB), R4
	STLRW	ZR, (R4)
	MRS	TPIDR_EL1, R26
	MOVD	gaspCPU_cur(R26), R0
	ADD	$gaspContext_fx, R0, R2
	LOAD_FLOAT_STATE(R2)
	MOVD	gaspContext_fxvalid(R0), R1
	CBZ	R1, nofx
	MOVD	ZR, gaspContext_fxvalid(R0)
	LOAD_VECTORS(R2)
nofx:
	MOVD	gaspContext_pc(R0), R1
	MOVD	gaspContext_pstate(R0), R2
	MOVD	gaspContext_sp(R0), R3
	MSR	R1, ELR_EL1
	MSR	R2, SPSR_EL1
	MSR	R3, SP_EL0
	MOVD	gaspCPU_top(R26), R2
	MOVD	R2, RSP
	MOVD	gaspContext_mask(R0), R3
	BL	runtime∕goos·Unmask(SB)
	MOVB	ZR, gaspCPU_inKernel(R26)
	LOAD_REGISTERS(gaspContext_r)
	ERET

// A system call that the kernel's own code makes, by way of the runtime's print,
// throw or lock: answered on its stack. R0 is in TPIDR_EL0.
TEXT runtime·gaspNestedCall(SB),NOSPLIT|NOFRAME,$0
	SUB	$320, RSP
	MOVD	R30, 0(RSP)
	MOVD	R8, 8(RSP)
	STP	(R1, R2), 24(RSP)
	STP	(R1, R2), 64(RSP)
	STP	(R3, R4), 80(RSP)
	STP	(R5, R6), 96(RSP)
	STP	(R7, R8), 112(RSP)
	STP	(R9, R10), 128(RSP)
	STP	(R11, R12), 144(RSP)
	STP	(R13, R14), 160(RSP)
	STP	(R15, R16), 176(RSP)
	STP	(R17, R18_PLATFORM), 192(RSP)
	STP	(R19, R20), 208(RSP)
	STP	(R21, R22), 224(RSP)
	STP	(R23, R24), 240(RSP)
	STP	(R25, R26), 256(RSP)
	STP	(R27, g), 272(RSP)
	STP	(R29, R30), 288(RSP)
	MRS	TPIDR_EL0, R0
	MOVD	R0, 16(RSP)
	MRS	ELR_EL1, R1
	MRS	SPSR_EL1, R2
	STP	(R1, R2), 48(RSP)
	AND	$(ALL<<DAIF_SHIFT), R2
	MSR	R2, DAIF		// what it had masked stays so
	BL	runtime·gaspNested(SB)
	MSR	$ALL, DAIFSet
	LDP	48(RSP), (R1, R2)
	MSR	R1, ELR_EL1
	MSR	R2, SPSR_EL1
	MOVD	40(RSP), R0
	LDP	64(RSP), (R1, R2)
	LDP	80(RSP), (R3, R4)
	LDP	96(RSP), (R5, R6)
	LDP	112(RSP), (R7, R8)
	LDP	128(RSP), (R9, R10)
	LDP	144(RSP), (R11, R12)
	LDP	160(RSP), (R13, R14)
	LDP	176(RSP), (R15, R16)
	LDP	192(RSP), (R17, R18_PLATFORM)
	LDP	208(RSP), (R19, R20)
	LDP	224(RSP), (R21, R22)
	LDP	240(RSP), (R23, R24)
	LDP	256(RSP), (R25, R26)
	LDP	272(RSP), (R27, g)
	LDP	288(RSP), (R29, R30)
	ADD	$320, RSP
	ERET

// Where a signal handler returns to.
TEXT runtime·gaspSigreturnCode(SB),NOSPLIT|NOFRAME,$0
	MOVD	$const_gaspSysRtSigreturn, R8
	SVC
	UNDEF

// func gaspClockGettimePC() uintptr
TEXT runtime·gaspClockGettimePC(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	$gaspClockGettime<>(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// clock_gettime(R0 clock, R1 *timespec) in the C calling convention, in place of
// the vDSO's: every clock is the board's. It runs on a g0 stack under any g, so
// that nothing it calls may check the stack, or be preempted there: a signal
// would take what it interrupts for Go code of the goroutine's.
TEXT gaspClockGettime<>(SB),NOSPLIT|NOFRAME,$0
	SUB	$128, RSP
	MOVD	R30, 0(RSP)
	STP	(R19, R20), 16(RSP)
	STP	(R21, R22), 32(RSP)
	STP	(R23, R24), 48(RSP)
	STP	(R25, R26), 64(RSP)
	STP	(R27, R29), 80(RSP)
	MOVD	R1, 96(RSP)
	MRS	DAIF, R2
	MOVD	R2, 104(RSP)
	MSR	$IRQ, DAIFSet
	BL	runtime·gaspNow(SB)
	MOVD	8(RSP), R0
	MOVD	104(RSP), R2
	MSR	R2, DAIF
	MOVD	96(RSP), R1
	MOVD	$1000000000, R3
	UDIV	R3, R0, R4
	MSUB	R3, R0, R4, R5
	STP	(R4, R5), (R1)
	LDP	16(RSP), (R19, R20)
	LDP	32(RSP), (R21, R22)
	LDP	48(RSP), (R23, R24)
	LDP	64(RSP), (R25, R26)
	LDP	80(RSP), (R27, R29)
	MOVD	0(RSP), R30
	ADD	$128, RSP
	MOVD	$0, R0
	RET

TEXT runtime·gaspHalt(SB),NOSPLIT|NOFRAME,$0
	BL	runtime∕goos·Mask(SB)
	CBNZ	R3, halt
	MSR	$IRQ, DAIFSet
halt:
	WFI
	JMP	halt
