//go:build tamago

#include "textflag.h"

// efientry is the entry point of the PE image: R0 = handle of the image, R1 = system
// table, the firmware's stack and page tables, interrupts on (UEFI 2.10, 2.3.6). It is a
// function of the AAPCS64, and returns only if the image cannot be started: R19 to R29, F8
// to F15 are the caller's.
//
// Go's functions find the end of the stack in g (R28): the g here has all zeros, so there
// is stack enough. Functions of the firmware leave R28 alone.
TEXT efientry(SB),NOSPLIT|NOFRAME,$0
	SUB	$208, RSP		// room for a link register, three arguments, a result; 16 bytes each from 48 on
	STP	(R19, R20), 48(RSP)
	STP	(R21, R22), 64(RSP)
	STP	(R23, R24), 80(RSP)
	STP	(R25, R26), 96(RSP)
	STP	(R27, g), 112(RSP)
	STP	(R29, R30), 128(RSP)
	FSTPD	(F8, F9), 144(RSP)
	FSTPD	(F10, F11), 160(RSP)
	FSTPD	(F12, F13), 176(RSP)
	FSTPD	(F14, F15), 192(RSP)
	MOVD	R0, 8(RSP)
	MOVD	R1, 16(RSP)
	MOVD	$efientry(SB), R2
	MOVD	·linked<>(SB), R3
	SUB	R3, R2
	MOVD	R2, 24(RSP)
	MOVD	$·zeros<>(SB), g
	CALL	·boot(SB)
	MOVD	32(RSP), R0
	LDP	48(RSP), (R19, R20)
	LDP	64(RSP), (R21, R22)
	LDP	80(RSP), (R23, R24)
	LDP	96(RSP), (R25, R26)
	LDP	112(RSP), (R27, g)
	LDP	128(RSP), (R29, R30)
	FLDPD	144(RSP), (F8, F9)
	FLDPD	160(RSP), (F10, F11)
	FLDPD	176(RSP), (F12, F13)
	FLDPD	192(RSP), (F14, F15)
	ADD	$208, RSP
	RET

// func call(function, a, b, c, d, e uintptr) (status uintptr)
TEXT ·call(SB),NOSPLIT,$0-56
	MOVD	function+0(FP), R9
	MOVD	a+8(FP), R0
	MOVD	b+16(FP), R1
	MOVD	c+24(FP), R2
	MOVD	d+32(FP), R3
	MOVD	e+40(FP), R4
	CALL	(R9)
	MOVD	R0, status+48(FP)
	RET

// func counter() uint64
// At EL2 it is the physical one: the board has no offset between the two (board/arm64/boot_arm64.s, CNTVOFF_EL2).
TEXT ·counter(SB),NOSPLIT,$0-8
	ISB	$15
	MRS	CurrentEL, R0
	CMP	$(2<<2), R0
	BEQ	el2
	MRS	CNTVCT_EL0, R0
	B	done
el2:
	MRS	CNTPCT_EL0, R0
done:
	MOVD	R0, ret+0(FP)
	RET

// func textStart() uintptr
TEXT ·textStart(SB),NOSPLIT,$0-8
	MOVD	$runtime·text(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// func cpuEntry() uintptr
TEXT ·cpuEntry(SB),NOSPLIT,$0-8
	MOVD	$cpuinit(SB), R0
	MOVD	R0, ret+0(FP)
	RET

DATA	·linked<>+0(SB)/8, $efientry(SB)
GLOBL	·linked<>(SB),RODATA,$8
GLOBL	·zeros<>(SB),NOPTR,$512
