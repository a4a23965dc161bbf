//go:build tamago

#include "textflag.h"

#define NON_CANONICAL	0x8000000000000000

// func divideInstruction()
TEXT ·divideInstruction(SB),NOSPLIT,$0
	XORL	CX, CX
	MOVL	$1, AX
	XORL	DX, DX
	DIVL	CX
	RET

// func debugInstruction()
TEXT ·debugInstruction(SB),NOSPLIT,$0
	PUSHFQ
	ORQ	$0x100, (SP)	// TF: a trap after the next instruction
	POPFQ
	NOP
	RET

// func breakpointInstruction()
TEXT ·breakpointInstruction(SB),NOSPLIT,$0
	INT	$3
	RET

// func overflowInstruction()
TEXT ·overflowInstruction(SB),NOSPLIT,$0
	INT	$4
	RET

// func undefinedInstruction()
TEXT ·undefinedInstruction(SB),NOSPLIT,$0
	UNDEF
	RET

// func taskSwitched()
TEXT ·taskSwitched(SB),NOSPLIT,$0
	MOVQ	CR0, AX
	ORQ	$(1<<3), AX	// TS
	MOVQ	AX, CR0
	XORPS	X0, X0
	RET

// func protectionFault()
TEXT ·protectionFault(SB),NOSPLIT,$0
	MOVQ	$NON_CANONICAL, AX
	MOVQ	(AX), AX
	RET

// func readNonCanonicalRBP()
TEXT ·readNonCanonicalRBP(SB),NOSPLIT|NOFRAME,$0
	MOVQ	$NON_CANONICAL, BP
	MOVQ	(BP), AX
	RET

// func x87Error()
TEXT ·x87Error(SB),NOSPLIT,$8-0
	BYTE $0xdb; BYTE $0xe3			// FNINIT
	MOVW	$0x37b, 0(SP)			// ZM clear
	BYTE $0xd9; BYTE $0x2c; BYTE $0x24	// FLDCW (SP)
	BYTE $0xd9; BYTE $0xe8			// FLD1
	BYTE $0xd9; BYTE $0xee			// FLDZ
	BYTE $0xde; BYTE $0xf9			// FDIVP
	BYTE $0x9b				// FWAIT: the error shows at the next x87 instruction
	RET

// func simdError()
TEXT ·simdError(SB),NOSPLIT,$8-0
	STMXCSR	0(SP)
	ANDL	$~(1<<9), 0(SP)	// ZM
	LDMXCSR	0(SP)
	MOVL	$1, AX
	CVTSL2SS	AX, X0
	XORPS	X1, X1
	DIVSS	X1, X0
	INT	$19
	RET

// func loadDS(selector uintptr)
TEXT ·loadDS(SB),NOSPLIT,$0-8
	MOVQ	selector+0(FP), AX
	BYTE $0x8e; BYTE $0xd8	// MOVW AX, DS
	RET

// func loadSS(selector uintptr)
TEXT ·loadSS(SB),NOSPLIT,$0-8
	MOVQ	selector+0(FP), AX
	BYTE $0x8e; BYTE $0xd0	// MOVW AX, SS
	RET

// func pushAt(sp uintptr)
TEXT ·pushAt(SB),NOSPLIT|NOFRAME,$0-8
	MOVQ	sp+0(FP), AX
	MOVQ	AX, SP
	PUSHQ	AX
	POPQ	AX
	RET

// func pushForever()
TEXT ·pushForever(SB),NOSPLIT|NOFRAME,$0
push:
	LEAQ	-8(SP), SP
	MOVQ	AX, (SP)
	JMP	push

// func call(pc uintptr)
TEXT ·call(SB),NOSPLIT,$0-8
	MOVQ	pc+0(FP), AX
	CALL	AX
	RET

// func victim()
TEXT ·victim(SB),NOSPLIT,$0
	NOP
	NOP
	RET

// func victimPC() uintptr
TEXT ·victimPC(SB),NOSPLIT,$0-8
	MOVQ	$·victim(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// func overwriteG(size uintptr)
// Overwrites the g that R14 holds, then calls a function that looks at it.
TEXT ·overwriteG(SB),NOSPLIT,$0-8
	MOVQ	size+0(FP), CX
	MOVQ	R14, DI
	MOVL	$0xa5, AX
	CLD
	REP; STOSB
	CALL	checksStack<>(SB)
	RET

TEXT checksStack<>(SB),0,$256-0
	MOVQ	$0, 0(SP)
	RET

// func smashStack(seed uint64, end uintptr, returns bool)
// Overwrites the stack from its own return address to end, of each four words
// two with random numbers, one with an address in RAM and one with its own, then
// returns or stores through nil.
TEXT ·smashStack(SB),NOSPLIT|NOFRAME,$0-17
	MOVQ	seed+0(FP), AX
	MOVQ	end+8(FP), BX
	MOVBLZX	returns+16(FP), CX
	MOVQ	SP, DI
next:
	CMPQ	DI, BX
	JCC	done
	MOVQ	AX, DX		// xorshift
	SHLQ	$13, DX
	XORQ	DX, AX
	MOVQ	AX, DX
	SHRQ	$7, DX
	XORQ	DX, AX
	MOVQ	AX, DX
	SHLQ	$17, DX
	XORQ	DX, AX
	MOVQ	AX, DX
	BTQ	$62, AX
	JCC	store
	MOVQ	DI, DX
	BTQ	$61, AX
	JCC	store
	MOVQ	AX, DX
	ANDQ	$0x3fffff8, DX
	ADDQ	$0x2000000, DX
store:
	MOVQ	DX, (DI)
	ADDQ	$8, DI
	JMP	next
done:
	TESTL	CX, CX
	JNE	return
	XORL	AX, AX
	MOVQ	AX, (AX)
return:
	RET

// func sgdt() (base, limit uintptr)
TEXT ·sgdt(SB),NOSPLIT,$16-16
	SGDT	0(SP)
	MOVWQZX	0(SP), AX
	MOVQ	AX, limit+8(FP)
	MOVQ	2(SP), AX
	MOVQ	AX, base+0(FP)
	RET

// func sidt() (base, limit uintptr)
TEXT ·sidt(SB),NOSPLIT,$16-16
	SIDT	0(SP)
	MOVWQZX	0(SP), AX
	MOVQ	AX, limit+8(FP)
	MOVQ	2(SP), AX
	MOVQ	AX, base+0(FP)
	RET

// func lgdt(base, limit uintptr)
TEXT ·lgdt(SB),NOSPLIT,$16-16
	MOVQ	limit+8(FP), AX
	MOVW	AX, 0(SP)
	MOVQ	base+0(FP), AX
	MOVQ	AX, 2(SP)
	LGDT	(SP)
	RET

// func lidt(base, limit uintptr)
TEXT ·lidt(SB),NOSPLIT,$16-16
	MOVQ	limit+8(FP), AX
	MOVW	AX, 0(SP)
	MOVQ	base+0(FP), AX
	MOVQ	AX, 2(SP)
	LIDT	(SP)
	RET

// func interruptsOff()
TEXT ·interruptsOff(SB),NOSPLIT,$0
	CLI
	RET

// func interruptsOn()
TEXT ·interruptsOn(SB),NOSPLIT,$0
	STI
	RET

// func cpu() uint64
// CPUID leaf 1 (Intel SDM volume 2A, CPUID).
TEXT ·cpu(SB),NOSPLIT,$0-8
	MOVL	$1, AX
	CPUID
	SHRL	$24, BX
	MOVQ	BX, ret+0(FP)
	RET

// func hang(cpu uint64)
// Returns if it runs on another processor than the one with that initial APIC id.
TEXT ·hang(SB),NOSPLIT,$0-8
	CLI
	MOVL	$1, AX
	CPUID
	SHRL	$24, BX
	CMPQ	BX, cpu+0(FP)
	JNE	other
	JMP	0(PC)
other:
	STI
	RET

// func askForReport()
// The local APIC's interrupt command register: an NMI for APIC id 0 (Intel SDM
// volume 3, 11.6.1). Then a million instructions or so, for it to begin.
TEXT ·askForReport(SB),NOSPLIT,$0
	MOVQ	$0xfee00000, BX
	MOVL	$0, 0x310(BX)
	MOVL	$0x4400, 0x300(BX)
	MOVL	$500000, CX
wait:
	DECL	CX
	JNE	wait
	RET

// func stall()
TEXT ·stall(SB),NOSPLIT,$0
	JMP	0(PC)

// func setBreakpoints(pc *[4]uintptr, mask uintptr)
// Sets DR0 to DR3, then DR7: Ln at twice the bit of the mask, R/Wn and LENn 0 (Intel
// SDM volume 3, 17.2.4).
TEXT ·setBreakpoints(SB),NOSPLIT,$0-16
	XORL	AX, AX
	MOVQ	AX, DR7
	MOVQ	pc+0(FP), BX
	MOVQ	0(BX), AX
	MOVQ	AX, DR0
	MOVQ	8(BX), AX
	BYTE $0x0f; BYTE $0x23; BYTE $0xc8	// MOVQ AX, DR1
	MOVQ	16(BX), AX
	MOVQ	AX, DR2
	MOVQ	24(BX), AX
	MOVQ	AX, DR3
	MOVQ	mask+8(FP), BX
	XORL	AX, AX
	MOVL	$4, CX
next:
	SHLQ	$2, AX
	BTQ	$3, BX
	JCC	off
	ORQ	$1, AX
off:
	SHLQ	$1, BX
	DECL	CX
	JNE	next
	MOVQ	AX, DR7
	RET
