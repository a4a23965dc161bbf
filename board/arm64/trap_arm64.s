//go:build tamago

#include "go_asm.h"
#include "textflag.h"

// With TamaGo's toolchain exceptions are the board's (trap.go). Everything runs at EL1 on SP_EL1, with interrupts masked.
#define VECTOR(CATEGORY) \
	PCALIGN	$128; \
	MSR	R0, TPIDR_EL0; \
	MOVD	$CATEGORY, R0; \
	JMP	trap<>(SB)

// The table that VBAR_EL1 leads to (Arm ARM, D1.4.1.3): from SP_EL0, from SP_EL1, from lower
// exception levels.
TEXT vectors<>(SB),NOSPLIT|NOFRAME,$0
	PCALIGN	$2048
	VECTOR(0)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorSError)
	VECTOR(0)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorSError)
	VECTOR(0)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorSError)
	VECTOR(0)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorFIQ)
	VECTOR(const_vectorSError)

// Leaves the registers in trapped and goes on as if the instruction had called faulted.
TEXT trap<>(SB),NOSPLIT|NOFRAME,$0
	MSR	R0, TPIDR_EL1
	MOVD	$·trapped(SB), R0
	STP	(R1, R2), 8(R0)
	STP	(R3, R4), 24(R0)
	STP	(R5, R6), 40(R0)
	STP	(R7, R8), 56(R0)
	STP	(R9, R10), 72(R0)
	STP	(R11, R12), 88(R0)
	STP	(R13, R14), 104(R0)
	STP	(R15, R16), 120(R0)
	STP	(R17, R18_PLATFORM), 136(R0)
	STP	(R19, R20), 152(R0)
	STP	(R21, R22), 168(R0)
	STP	(R23, R24), 184(R0)
	STP	(R25, R26), 200(R0)
	STP	(R27, g), 216(R0)
	STP	(R29, R30), 232(R0)
	MRS	TPIDR_EL0, R1
	MOVD	R1, (R0)
	MOVD	RSP, R1
	MRS	ELR_EL1, R2
	MRS	SPSR_EL1, R3
	MOVD	R1, trapFrame_sp(R0)
	MOVD	R2, trapFrame_pc(R0)
	MOVD	R3, trapFrame_pstate(R0)
	MRS	ESR_EL1, R3
	MRS	FAR_EL1, R4
	MRS	TPIDR_EL1, R5
	MOVD	R3, trapFrame_syndrome(R0)
	MOVD	R4, trapFrame_address(R0)
	MOVD	R5, trapFrame_category(R0)
	MOVWU	·traps(SB), R3
	ADDW	$1, R3
	MOVW	R3, ·traps(SB)
	CMPW	$const_maxTraps, R3
	BHI	stop
	ADD	$4, R2, R30
	JMP	·faulted(SB)
stop:
	WFI
	JMP	stop

// Calls fault on the system stack.
TEXT ·faulted(SB),NOSPLIT,$16-0
	MOVD	·faultHandler(SB), R0
	MOVD	R0, 8(RSP)
	CALL	runtime·systemstack(SB)
stop:
	WFI
	JMP	stop

// func loadVectors()
TEXT ·loadVectors(SB),NOSPLIT|NOFRAME,$0
	MOVD	$vectors<>(SB), R0
	MSR	R0, VBAR_EL1
	ISB	$15
	RET
