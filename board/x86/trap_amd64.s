//go:build tamago && amd64

#include "go_asm.h"
#include "textflag.h"

#define ERROR_CODES	0x60227d00	// vectors with an error code: 8, 10-14, 17, 21, 29, 30
#define TRAPS		0x1a		// vectors whose RIP is behind the instruction: 1, 3, 4
#define APIC_EOI	0xb0
#define X2APIC_EOI	0x80b
#define CALL_SIZE	5

#define EIGHT \
	CALL trap<>(SB); CALL trap<>(SB); CALL trap<>(SB); CALL trap<>(SB); \
	CALL trap<>(SB); CALL trap<>(SB); CALL trap<>(SB); CALL trap<>(SB)

// Entry points of vectors 0 to 31: the return address of each CALL tells which.
TEXT exceptions<>(SB),NOSPLIT|NOFRAME,$0
	EIGHT
	EIGHT
	EIGHT
	EIGHT

// Entry point of all other vectors: they only wake the CPU.
TEXT wake<>(SB),NOSPLIT|NOFRAME,$0
	PUSHQ	AX
	CMPB	·apic+localAPIC_x2(SB), $0
	JNE	x2
	MOVQ	·apic+localAPIC_regs(SB), AX	// Base is the first of a reg.MMIO
	MOVL	$0, APIC_EOI(AX)
	POPQ	AX
	IRETQ
x2:
	PUSHQ	CX
	PUSHQ	DX
	XORL	AX, AX
	XORL	DX, DX
	MOVL	$X2APIC_EOI, CX
	WRMSR
	POPQ	DX
	POPQ	CX
	POPQ	AX
	IRETQ

// On the stack of whoever runs: return address in the table, error code if there
// is one, RIP, CS, RFLAGS, RSP, SS. Leaves the registers in trapped and goes on
// as if the instruction had called faulted, interrupts off.
TEXT trap<>(SB),NOSPLIT|NOFRAME,$0
	CLD
	ADDL	$1, ·traps(SB)
	CMPL	·traps(SB), $const_maxTraps
	JLS	bounded
	JMP	·stop(SB)
bounded:
	PUSHQ	BX
	MOVQ	$·trapped(SB), BX
	MOVQ	AX, (death_Regs+0)(BX)
	POPQ	(death_Regs+8)(BX)
	MOVQ	CX, (death_Regs+16)(BX)
	MOVQ	DX, (death_Regs+24)(BX)
	MOVQ	SI, (death_Regs+32)(BX)
	MOVQ	DI, (death_Regs+40)(BX)
	MOVQ	BP, (death_Regs+48)(BX)
	MOVQ	R8, (death_Regs+64)(BX)
	MOVQ	R9, (death_Regs+72)(BX)
	MOVQ	R10, (death_Regs+80)(BX)
	MOVQ	R11, (death_Regs+88)(BX)
	MOVQ	R12, (death_Regs+96)(BX)
	MOVQ	R13, (death_Regs+104)(BX)
	MOVQ	R14, (death_Regs+112)(BX)
	MOVQ	R15, (death_Regs+120)(BX)
	MOVQ	CR2, AX
	MOVQ	AX, death_Addr(BX)

	POPQ	AX			// vector
	MOVQ	$exceptions<>+CALL_SIZE(SB), CX
	SUBQ	CX, AX
	XORL	DX, DX
	MOVL	$CALL_SIZE, CX
	DIVL	CX
	MOVQ	AX, death_Vector(BX)
	MOVQ	$0, death_Errcode(BX)
	MOVL	$ERROR_CODES, CX
	BTL	AX, CX
	JCC	nocode
	POPQ	death_Errcode(BX)
nocode:
	MOVL	$TRAPS, CX
	BTL	AX, CX
	SBBQ	DX, DX			// -1 for a trap, else 0
	MOVQ	0(SP), AX
	MOVQ	AX, death_PC(BX)
	MOVQ	16(SP), CX
	MOVQ	CX, (death_Regs+128)(BX)
	MOVQ	24(SP), SP
	MOVQ	SP, (death_Regs+56)(BX)
	MOVQ	SP, death_SP(BX)
	LEAQ	1(AX)(DX*1), AX		// tracebacks look up the byte before a return address
	PUSHQ	AX
	JMP	·faulted(SB)

// Calls fault on the system stack, with g and zero where Go expects them.
TEXT ·faulted(SB),NOSPLIT,$8-0
	MOVQ	TLS, CX
	MOVQ	0(CX)(TLS*1), R14
	XORPS	X15, X15
	MOVQ	·faultHandler(SB), AX
	MOVQ	AX, 0(SP)
	CALL	runtime·systemstack(SB)
	JMP	·stop(SB)

// func entryPoints() (exceptions, wake uintptr)
TEXT ·entryPoints(SB),NOSPLIT,$0-16
	MOVQ	$exceptions<>(SB), AX
	MOVQ	AX, exceptions+0(FP)
	MOVQ	$wake<>(SB), AX
	MOVQ	AX, wake+8(FP)
	RET

// func loadIDT(base uintptr)
TEXT ·loadIDT(SB),NOSPLIT,$16-8
	MOVQ	base+0(FP), AX
	MOVW	$4095, 0(SP)
	MOVQ	AX, 2(SP)
	LIDT	(SP)
	RET

// func maskInterrupts()
TEXT ·maskInterrupts(SB),NOSPLIT,$0
	CLI
	RET

// func framePointer() uintptr
TEXT ·framePointer(SB),NOSPLIT|NOFRAME,$0-8
	MOVQ	BP, ret+0(FP)
	RET
