// What each processor needs before it can enter the kernel, and what it keeps of a
// thread besides the general registers.

#include "go_asm.h"
#include "go_tls.h"
#include "textflag.h"

// A field of the gaspCPUArch in a gaspCPU.
#define ARCH(FIELD) (gaspCPU_gaspCPUArch+FIELD)

#define MSR_FS_BASE	0xc0000100
#define MSR_GS_BASE	0xc0000101
#define KERNEL_DATA	0x10
#define KERNEL_TSS	0x18

// An interrupt stack table entry of the TSS at AX: the end of a field of the
// gaspCPU at R15.
#define IST(OFFSET, FIELD, SIZE) \
	LEAQ	(FIELD+SIZE-64)(R15), CX; \
	ANDQ	$~15, CX; \
	MOVQ	CX, OFFSET(AX)

// The board starts a further processor here: 64-bit mode, paging on, interrupts
// off, DI = its gaspCPU.
TEXT gaspCPUEntry<>(SB),NOSPLIT|NOFRAME,$0
	CLI
	CLD
	MOVQ	DI, R15
	LEAQ	(gaspCPU_stack+const_gaspStackSize-64)(R15), SP
	ANDQ	$~15, SP
	XORL	BP, BP
	CALL	runtime·gaspTables(SB)
	LEAQ	gaspCPU_idle(R15), AX
	MOVQ	AX, gaspCPU_cur(R15)
	CALL	runtime·gaspLoadGates(SB)
	MOVQ	(gaspCPU_idle+gaspContext_fs)(R15), AX
	MOVQ	AX, ARCH(gaspCPUArch_fs)(R15)
	MOVQ	AX, DX
	SHRQ	$32, DX
	MOVL	$MSR_FS_BASE, CX
	WRMSR
	MOVQ	gaspCPU_kernelG(R15), BX
	get_tls(CX)
	MOVQ	BX, g(CX)
	MOVB	$1, gaspCPU_inKernel(R15)
	CALL	runtime·gaspCPUMain(SB)
	JMP	runtime·gaspResume(SB)

// func gaspFlushTLB()
// A write to CR3 (Intel SDM volume 3, 4.10.4.1); no page is global.
TEXT runtime·gaspFlushTLB(SB),NOSPLIT,$0
	MOVQ	CR3, AX
	MOVQ	AX, CR3
	RET

// func gaspCPUEntryPC() uintptr
TEXT runtime·gaspCPUEntryPC(SB),NOSPLIT,$0-8
	MOVQ	$gaspCPUEntry<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// Makes R15 this processor's gaspCPU: GS base; the global descriptor table (null,
// code, data, task state segment) and the interrupt stacks, in a page of their
// own that the board makes read-only. That is why the accessed bits of the
// descriptors are set here, and nothing is left for the CPU to write. Then vector
// registers. On any stack.
TEXT runtime·gaspTables(SB),NOSPLIT|NOFRAME,$0
	MOVQ	R15, gaspCPU_self(R15)
	LEAQ	(gaspCPU_stack+const_gaspStackSize-64)(R15), AX
	ANDQ	$~15, AX
	MOVQ	AX, gaspCPU_top(R15)
	LEAQ	gaspCPU_g(R15), AX
	MOVQ	AX, gaspCPU_kernelG(R15)
	LEAQ	(ARCH(gaspCPUArch_segments)+4095)(R15), BX
	ANDQ	$~4095, BX
	LEAQ	64(BX), AX	// task state segment
	MOVQ	$0x00209b0000000000, CX
	MOVQ	CX, 8(BX)
	MOVQ	$0x0000930000000000, CX
	MOVQ	CX, 16(BX)
	// the TSS descriptor: limit 103, base in three pieces (Intel SDM volume 3, figure 7-4)
	MOVQ	AX, CX
	ANDQ	$0xffffff, CX
	SHLQ	$16, CX
	MOVQ	AX, DX
	SHRQ	$24, DX
	ANDQ	$0xff, DX
	SHLQ	$56, DX
	ORQ	DX, CX
	MOVQ	$0x0000890000000067, DX
	ORQ	DX, CX
	MOVQ	CX, 24(BX)
	MOVQ	AX, CX
	SHRQ	$32, CX
	MOVQ	CX, 32(BX)
	// interrupt stacks 1 to 6 (figure 7-11)
	IST(36, ARCH(gaspCPUArch_istTrap), (16<<10))
	IST(44, ARCH(gaspCPUArch_istDF), (8<<10))
	IST(52, gaspCPU_istNMI, const_gaspStackSize)
	IST(60, ARCH(gaspCPUArch_istMC), (8<<10))
	IST(68, ARCH(gaspCPUArch_istPF), (8<<10))
	IST(76, ARCH(gaspCPUArch_istSS), (8<<10))
	MOVW	$104, 102(AX)	// no I/O permission map
	SUBQ	$16, SP
	MOVW	$39, 0(SP)
	MOVQ	BX, 2(SP)
	LGDT	(SP)
	ADDQ	$16, SP
	MOVW	$KERNEL_DATA, AX
	BYTE $0x8e; BYTE $0xd0	// MOVW AX, SS
	BYTE $0x8e; BYTE $0xd8	// MOVW AX, DS
	BYTE $0x8e; BYTE $0xc0	// MOVW AX, ES
	MOVW	$KERNEL_TSS, AX
	BYTE $0x0f; BYTE $0x00; BYTE $0xd8	// LTR AX
	MOVL	$MSR_GS_BASE, CX
	MOVQ	R15, AX
	MOVQ	AX, DX
	SHRQ	$32, DX
	WRMSR

	// XSAVE, for what the CPU has of SSE, AVX and AVX-512 and gaspFX has room for
	// (Intel SDM volume 1, 13.2 and 13.3).
	MOVL	$1, AX
	XORL	CX, CX
	CPUID
	BTL	$26, CX		// XSAVE
	JCC	done
	XORL	AX, AX		// leaf 0DH may be hidden: firmware can limit CPUID (IA32_MISC_ENABLE, bit 22)
	XORL	CX, CX
	CPUID
	CMPL	AX, $0xd
	JCS	done
	MOVQ	CR4, AX
	ORQ	$(1<<18), AX	// OSXSAVE
	MOVQ	AX, CR4
	MOVL	$0xd, AX
	XORL	CX, CX
	CPUID
	MOVL	AX, SI		// what XCR0 may hold
	ANDL	$0xe7, SI
	MOVL	SI, DX
	ANDL	$0xe6, DX
	CMPL	DX, $0xe6	// all of AVX-512, or none
	JEQ	set
	ANDL	$0x7, SI
set:
	MOVL	SI, AX
	XORL	DX, DX
	XORL	CX, CX
	XSETBV
	MOVL	$0xd, AX
	XORL	CX, CX
	CPUID
	CMPL	BX, $const_gaspFXSize	// size of what XCR0 holds
	JLS	fits
	ANDL	$0x7, SI
	JMP	set
fits:
	MOVL	SI, runtime·gaspXCR0(SB)
	MOVB	$1, runtime·gaspXSAVE(SB)
done:
	RET

// Keeps the floating point and vector registers in the area at CX; clobbers AX and
// DX.
TEXT runtime·gaspKeepFX(SB),NOSPLIT|NOFRAME,$0
	CMPB	runtime·gaspXSAVE(SB), $0
	JEQ	fxsave
	MOVL	runtime·gaspXCR0(SB), AX
	XORL	DX, DX
	XSAVE64	(CX)
	RET
fxsave:
	FXSAVE64	(CX)
	RET

// Loads them from there; clobbers AX and DX.
TEXT runtime·gaspLoadFX(SB),NOSPLIT|NOFRAME,$0
	CMPB	runtime·gaspXSAVE(SB), $0
	JEQ	fxrstor
	MOVL	runtime·gaspXCR0(SB), AX
	XORL	DX, DX
	XRSTOR64	(CX)
	RET
fxrstor:
	FXRSTOR64	(CX)
	RET
