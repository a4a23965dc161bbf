// What each processor needs before it can enter the kernel.

#include "go_asm.h"
#include "go_tls.h"
#include "textflag.h"
#include "gasp_arm64.h"

// The board starts a further processor here: EL1, paging on, interrupts off, R0 = its
// gaspCPU.
TEXT gaspCPUEntry<>(SB),NOSPLIT|NOFRAME,$0
	MSR	$ALL, DAIFSet
	MOVD	R0, R26
	BL	runtime·gaspTables(SB)
	MOVD	$gaspCPU_idle, R0
	ADD	R26, R0
	MOVD	R0, gaspCPU_cur(R26)
	MOVD	gaspCPU_kernelG(R26), g
	MOVD	$1, R0
	MOVB	R0, gaspCPU_inKernel(R26)
	MOVD	$0, R29
	MSR	$NEVER_MASKED, DAIFClr
	BL	runtime·gaspCPUMain(SB)
	JMP	runtime·gaspResume(SB)

// func gaspCPUEntryPC() uintptr
TEXT runtime·gaspCPUEntryPC(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	$gaspCPUEntry<>(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// func gaspFlushTLB()
TEXT runtime·gaspFlushTLB(SB),NOSPLIT|NOFRAME,$0
	DSB	$15
	TLBI	VMALLE1
	DSB	$15
	ISB	$15
	RET

// func gaspFeatures() (isar0, pfr0 uint64)
TEXT runtime·gaspFeatures(SB),NOSPLIT|NOFRAME,$0-16
	MRS	ID_AA64ISAR0_EL1, R0
	MRS	ID_AA64PFR0_EL1, R1
	MOVD	R0, isar0+0(FP)
	MOVD	R1, pfr0+8(FP)
	RET

// Makes R26 this processor's gaspCPU, and its kernel's stack the one to use; then
// floating point, and the vectors.
TEXT runtime·gaspTables(SB),NOSPLIT|NOFRAME,$0
	MSR	R26, TPIDR_EL1
	MOVD	R26, gaspCPU_self(R26)
	MOVD	$(gaspCPU_stack+const_gaspStackSize-64), R0
	ADD	R26, R0
	AND	$~15, R0
	MOVD	R0, gaspCPU_top(R26)
	MOVD	$gaspCPU_g, R1
	ADD	R26, R1
	MOVD	R1, gaspCPU_kernelG(R26)
	MSR	$1, SPSel
	MOVD	R0, RSP
	MOVD	$(3<<20), R0	// FPEN; SVE and SME stay off (Arm ARM, CPACR_EL1)
	MSR	R0, CPACR_EL1
	MOVD	$runtime·gaspVectors(SB), R0
	MSR	R0, VBAR_EL1
	ISB	$15
	RET
