// What the processor needs before it can enter the kernel, and what it keeps of a
// thread besides the general registers.

#include "go_asm.h"
#include "textflag.h"

#define CPS(MODE)	WORD $(0xf1020000+MODE)	// cps #MODE
#define DSB		WORD $0xf57ff04f
#define ISB		WORD $0xf57ff06f

// Makes R5 this processor's gaspCPU, and R13 of each exception mode the place
// where that mode's vectors save registers: no exception uses a stack that
// could be no good. In System mode, interrupts off, on any stack.
TEXT runtime·gaspTables(SB),NOSPLIT|NOFRAME,$0
	MCR	15, 0, R5, C13, C0, 4	// TPIDRPRW
	MOVW	R5, gaspCPU_self(R5)
	MOVW	$(gaspCPU_stack+const_gaspStackSize-64), R0
	ADD	R5, R0
	BIC	$15, R0
	MOVW	R0, gaspCPU_top(R5)
	MOVW	$gaspCPU_g, R0
	ADD	R5, R0
	MOVW	R0, gaspCPU_kernelG(R5)
	MOVW	$(gaspCPU_gaspCPUArch+gaspCPUArch_frames), R0
	ADD	R5, R0
	CPS(0x13)			// Supervisor
	MOVW	R0, R13
	ADD	$const_gaspFrameSize, R0
	CPS(0x17)			// Abort
	MOVW	R0, R13
	ADD	$const_gaspFrameSize, R0
	CPS(0x1b)			// Undefined
	MOVW	R0, R13
	ADD	$const_gaspFrameSize, R0
	CPS(0x12)			// IRQ
	MOVW	R0, R13
	ADD	$const_gaspFrameSize, R0
	CPS(0x11)			// FIQ
	MOVW	R0, R13
	CPS(0x1f)
	RET

// func gaspFlushTLB()
// TLBIALL (ARM ARM ARMv7-A, B3.10.1): the board did so when it changed the tables.
TEXT runtime·gaspFlushTLB(SB),NOSPLIT|NOFRAME,$0
	MOVW	$0, R0
	DSB
	MCR	15, 0, R0, C8, C7, 0
	DSB
	ISB
	RET

// Keeps D0-D31 and FPSCR in the area at R0; clobbers R1.
TEXT runtime·gaspKeepFX(SB),NOSPLIT|NOFRAME,$0
	WORD	$0xeca00b20	// vstmia r0!, {d0-d15}
	WORD	$0xece00b20	// vstmia r0!, {d16-d31}
	WORD	$0xeef11a10	// vmrs r1, fpscr
	MOVW	R1, 0(R0)
	RET

// Loads them from there; clobbers R1.
TEXT runtime·gaspLoadFX(SB),NOSPLIT|NOFRAME,$0
	WORD	$0xecb00b20	// vldmia r0!, {d0-d15}
	WORD	$0xecf00b20	// vldmia r0!, {d16-d31}
	MOVW	0(R0), R1
	WORD	$0xeee11a10	// vmsr fpscr, r1
	RET

// func gaspCPUEntryPC() uintptr
// Where the board would start a further processor: no board of this architecture
// has one.
TEXT runtime·gaspCPUEntryPC(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	$runtime·gaspHalt(SB), R0
	MOVW	R0, ret+0(FP)
	RET
