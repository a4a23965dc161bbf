//go:build tamago

#include "textflag.h"

#define MSR_FS_BASE	0xc0000100
#define SAVED_XMM	160	// XMM6 to XMM15
#define SHADOW		32	// room that a function of the firmware may use above its return address

// efientry is the entry point of the PE image: CX = handle of the image, DX = system
// table, the firmware's stack and page tables, interrupts on (UEFI 2.10, 2.3.4). It is
// a function of the Microsoft x64 convention, and returns only if the image cannot be
// started: BX, BP, DI, SI, R12 to R15, XMM6 to XMM15 are the caller's.
//
// Go's functions find g by FS, 8 bytes below its base (cmd/internal/obj/x86), and the end
// of the stack in g: the g here has all zeros, so there is stack enough. While a function
// of the firmware runs, FS is as it was.
TEXT efientry(SB),NOSPLIT|NOFRAME,$0
	PUSHQ	BX
	PUSHQ	BP
	PUSHQ	DI
	PUSHQ	SI
	PUSHQ	R12
	PUSHQ	R13
	PUSHQ	R14
	PUSHQ	R15
	SUBQ	$(SAVED_XMM+40), SP	// and three arguments, a result, 8 bytes that align
	MOVUPS	X6, 40(SP)
	MOVUPS	X7, 56(SP)
	MOVUPS	X8, 72(SP)
	MOVUPS	X9, 88(SP)
	MOVUPS	X10, 104(SP)
	MOVUPS	X11, 120(SP)
	MOVUPS	X12, 136(SP)
	MOVUPS	X13, 152(SP)
	MOVUPS	X14, 168(SP)
	MOVUPS	X15, 184(SP)
	MOVQ	CX, 0(SP)
	MOVQ	DX, 8(SP)
	LEAQ	efientry(SB), AX
	SUBQ	·linked<>(SB), AX
	MOVQ	AX, 16(SP)

	MOVL	$MSR_FS_BASE, CX
	RDMSR
	MOVL	AX, ·firmwareFS<>+0(SB)
	MOVL	DX, ·firmwareFS<>+4(SB)
	LEAQ	·g<>(SB), AX
	MOVQ	AX, ·tls<>(SB)
	CALL	·useOurFS<>(SB)
	CALL	·boot(SB)
	MOVQ	24(SP), BX
	CALL	·useFirmwareFS<>(SB)
	MOVQ	BX, AX

	MOVUPS	40(SP), X6
	MOVUPS	56(SP), X7
	MOVUPS	72(SP), X8
	MOVUPS	88(SP), X9
	MOVUPS	104(SP), X10
	MOVUPS	120(SP), X11
	MOVUPS	136(SP), X12
	MOVUPS	152(SP), X13
	MOVUPS	168(SP), X14
	MOVUPS	184(SP), X15
	ADDQ	$(SAVED_XMM+40), SP
	POPQ	R15
	POPQ	R14
	POPQ	R13
	POPQ	R12
	POPQ	SI
	POPQ	DI
	POPQ	BP
	POPQ	BX
	RET

// The two change AX, CX and DX.
TEXT ·useOurFS<>(SB),NOSPLIT|NOFRAME,$0
	LEAQ	·tls<>+8(SB), AX
	MOVQ	AX, DX
	SHRQ	$32, DX
	MOVL	$MSR_FS_BASE, CX
	WRMSR
	RET

TEXT ·useFirmwareFS<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	·firmwareFS<>+0(SB), AX
	MOVL	·firmwareFS<>+4(SB), DX
	MOVL	$MSR_FS_BASE, CX
	WRMSR
	RET

// func call(function, a, b, c, d, e uintptr) (status uintptr)
TEXT ·call(SB),NOSPLIT,$0-56
	CALL	·useFirmwareFS<>(SB)
	MOVQ	function+0(FP), AX
	MOVQ	a+8(FP), CX
	MOVQ	b+16(FP), DX
	MOVQ	c+24(FP), R8
	MOVQ	d+32(FP), R9
	MOVQ	e+40(FP), R10
	MOVQ	SP, BX
	ANDQ	$~15, SP
	SUBQ	$(SHADOW+16), SP
	MOVQ	R10, SHADOW(SP)
	CALL	AX
	MOVQ	BX, SP
	MOVQ	AX, status+48(FP)
	CALL	·useOurFS<>(SB)
	RET

// func counter() uint64
TEXT ·counter(SB),NOSPLIT,$0-8
	RDTSC
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+0(FP)
	RET

// func textStart() uintptr
TEXT ·textStart(SB),NOSPLIT,$0-8
	LEAQ	runtime·text(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// func cpuEntry() uintptr
TEXT ·cpuEntry(SB),NOSPLIT,$0-8
	LEAQ	cpuinit(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

DATA	·linked<>+0(SB)/8, $efientry(SB)
GLOBL	·linked<>(SB),RODATA,$8
GLOBL	·firmwareFS<>(SB),NOPTR,$8
GLOBL	·tls<>(SB),NOPTR,$8
GLOBL	·g<>(SB),NOPTR,$512
