//go:build tamago

#include "go_asm.h"
#include "textflag.h"

// With TamaGo's toolchain exceptions are the board's (trap.go). Each mode's R13 is the place for
// a frame: 15 registers of System mode, address, status, vector.
#define VECTOR(N, OFFSET) \
	WORD	$0xe8cd7fff;	/* stmia sp, {r0-r14}^ */ \
	SUB	$OFFSET, R14, R14; \
	MOVW	R14, 60(R13); \
	WORD	$0xe14f0000;	/* mrs r0, SPSR */ \
	MOVW	R0, 64(R13); \
	MOVW	$N, R0; \
	MOVW	R0, 68(R13); \
	MOVW	R13, R4; \
	WORD	$0xf102001f;	/* cps #0x1f */ \
	B	trap<>(SB)

TEXT vector1<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(1, 4)
TEXT vector2<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(2, 0)
TEXT vector3<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(3, 4)
TEXT vector4<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(4, 8)
TEXT vector6<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(6, 4)
TEXT vector7<>(SB),NOSPLIT|NOFRAME,$0
	VECTOR(7, 4)

// Goes on as if the instruction had called faulted.
TEXT trap<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	·traps(SB), R0
	ADD	$1, R0
	MOVW	R0, ·traps(SB)
	CMP	$const_maxTraps, R0
	BHI	stop
	MRC	15, 0, R0, C5, C0, 0	// DFSR
	MRC	15, 0, R1, C6, C0, 0	// DFAR
	MOVW	68(R4), R2
	CMP	$3, R2
	BNE	data
	MRC	15, 0, R0, C5, C0, 1	// IFSR
	MRC	15, 0, R1, C6, C0, 2	// IFAR
data:
	MOVW	R0, 72(R4)
	MOVW	R1, 76(R4)
	MOVW	60(R4), R14
	ADD	$4, R14
	B	·faulted(SB)
stop:
	WORD	$0xf10c00c0	// cpsid if
	WORD	$0xe320f003	// wfi
	B	stop

// Calls fault on the system stack.
TEXT ·faulted(SB),NOSPLIT,$8-0
	MOVW	·faultHandler(SB), R0
	MOVW	R0, 4(R13)
	CALL	runtime·systemstack(SB)
stop:
	WORD	$0xe320f003	// wfi
	B	stop

// cps to a mode, and its R13.
#define STACK(CPS) \
	WORD	$CPS; \
	MOVW	R0, R13

// One word of what the vectors load their addresses from.
#define JUMP_TO(VECTOR) \
	MOVW	$VECTOR(SB), R1; \
	MOVW.P	R1, 4(R0)

// func loadVectors(frame *trapFrame)
// The modes' R13, and the vectors where VBAR is.
TEXT ·loadVectors(SB),NOSPLIT|NOFRAME,$0-4
	MOVW	frame+0(FP), R0
	STACK(0xf1020013)	// Supervisor
	STACK(0xf1020017)	// Abort
	STACK(0xf102001b)	// Undefined
	STACK(0xf1020012)	// IRQ
	STACK(0xf1020011)	// FIQ
	WORD	$0xf102001f	// System
	MRC	15, 0, R0, C12, C0, 0
	MOVW	$0xe59ff018, R1	// ldr pc, [pc, #24]
	MOVW	$8, R2
jump:
	MOVW.P	R1, 4(R0)
	SUB.S	$1, R2
	BNE	jump
	JUMP_TO(vector2<>)
	JUMP_TO(vector1<>)
	JUMP_TO(vector2<>)
	JUMP_TO(vector3<>)
	JUMP_TO(vector4<>)
	JUMP_TO(vector2<>)
	JUMP_TO(vector6<>)
	JUMP_TO(vector7<>)
	SUB	$64, R0
	MCR	15, 0, R0, C7, C11, 1	// DCCMVAU
	WORD	$0xf57ff04f		// dsb
	MOVW	$0, R1
	MCR	15, 0, R1, C7, C5, 0	// ICIALLU
	WORD	$0xf57ff04f		// dsb
	WORD	$0xf57ff06f		// isb
	RET
