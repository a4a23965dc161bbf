//go:build tamago

#include "textflag.h"

// The staging area (place.go).
#define MOVES		0x800
#define DEVICE_TREE	0xf08
#define FIRST		0x1000	// size of what stands in front of what is moved

// func leave(area uintptr)
//
// From the firmware's world to the copy of uncached at the start of the staging area. What
// is in caches goes to memory: what that copy and the moves read, as they see no caches; what
// they write, so that nothing older is written over it (Arm ARM, D7.5.9).
TEXT ·leave(SB),NOSPLIT,$0-8
	MSR	$15, DAIFSet
	MOVD	area+0(FP), R19
	MOVD	R19, R0
	MOVD	$FIRST, R1
	CALL	·clean<>(SB)
	ADD	$MOVES, R19, R20
next:
	MOVD	16(R20), R1
	CBZ	R1, ready
	MOVD	0(R20), R0
	CALL	·clean<>(SB)
	MOVD	8(R20), R0
	MOVD	16(R20), R1
	CBZ	R0, zeros
	CALL	·clean<>(SB)
zeros:
	ADD	$24, R20
	B	next
ready:
	WORD	$0xd508751f		// ic iallu
	DSB	$15
	ISB	$15
	JMP	(R19)

// Cleans and invalidates R1 bytes at R0. Uses R2, R3.
TEXT ·clean<>(SB),NOSPLIT|NOFRAME,$0
	ADD	R0, R1, R1
	MRS	CTR_EL0, R2
	UBFX	$16, R2, $4, R2		// DminLine: log2 of the words of the shortest line
	MOVD	$4, R3
	LSL	R2, R3, R3
	SUB	$1, R3, R2
	BIC	R2, R0, R0
line:
	DC	CIVAC, R0
	ADD	R3, R0
	CMP	R1, R0
	BLO	line
	DSB	$15
	RET

// func lastSteps() uintptr
TEXT ·lastSteps(SB),NOSPLIT,$0-8
	MOVD	$·uncached<>(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// uncached runs at the start of the staging area, R19. The MMU goes off, as its tables may
// lie where the image goes; so all memory is device memory, and accesses are aligned. It
// needs no stack, and fits into the 0x400 bytes that are copied.
TEXT ·uncached<>(SB),NOSPLIT|NOFRAME,$0
	MOVD	$(1<<0 | 1<<2 | 1<<12), R1	// MMU, data cache, instruction cache
	MRS	CurrentEL, R0
	CMP	$(2<<2), R0
	BEQ	el2
	MRS	SCTLR_EL1, R0
	BIC	R1, R0
	MSR	R0, SCTLR_EL1
	B	off
el2:
	WORD	$0xd53c1000		// mrs x0, sctlr_el2
	BIC	R1, R0
	WORD	$0xd51c1000		// msr sctlr_el2, x0
off:
	ISB	$15
	MRS	CTR_EL0, R2
	UBFX	$16, R2, $4, R2
	MOVD	$4, R9
	LSL	R2, R9, R9		// bytes of the shortest cache line

	ADD	$MOVES, R19, R20
next:
	MOVD	0(R20), R0		// to
	MOVD	8(R20), R1		// from
	MOVD	16(R20), R2		// bytes
	CBZ	R2, done
	ADD	R0, R2, R3		// end
	CBZ	R1, zero
copy:					// both are multiples of 8
	SUB	R0, R3, R4
	CMP	$8, R4
	BLO	copytail
	MOVD.P	8(R1), R5
	MOVD.P	R5, 8(R0)
	B	copy
copytail:
	CMP	R3, R0
	BHS	moved
	MOVBU.P	1(R1), R5
	MOVB.P	R5, 1(R0)
	B	copytail
zero:
	CMP	R3, R0
	BHS	moved
	SUB	R0, R3, R4
	CMP	$8, R4
	BLO	zerobyte
	TST	$7, R0
	BNE	zerobyte
	MOVD.P	ZR, 8(R0)
	B	zero
zerobyte:
	MOVB.P	ZR, 1(R0)
	B	zero
moved:
	// What a cache has read meanwhile is old.
	DSB	$15
	MOVD	0(R20), R0
line:
	DC	CIVAC, R0
	ADD	R9, R0
	CMP	R3, R0
	BLO	line
	ADD	$24, R20
	B	next
done:
	DSB	$15
	WORD	$0xd508751f		// ic iallu
	DSB	$15
	ISB	$15
	MOVD	R0, R4
	MOVD	DEVICE_TREE(R19), R0
	MOVD	ZR, R1
	MOVD	ZR, R2
	MOVD	ZR, R3
	JMP	(R4)			// cpuinit: as a Linux kernel is entered
