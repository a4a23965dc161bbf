#include "textflag.h"

// DMB OSHST (Arm ARM, B2.3): stores before it, then stores behind it, for all observers, devices included.
#define ORDER	DMB	$2

// func store8(p unsafe.Pointer, v uint8)
TEXT ·store8(SB),NOSPLIT,$0-9
	MOVD	p+0(FP), R0
	MOVBU	v+8(FP), R1
	ORDER
	MOVB	R1, (R0)
	RET

// func store16(p unsafe.Pointer, v uint16)
TEXT ·store16(SB),NOSPLIT,$0-10
	MOVD	p+0(FP), R0
	MOVHU	v+8(FP), R1
	ORDER
	MOVH	R1, (R0)
	RET

// func store32(p unsafe.Pointer, v uint32)
TEXT ·store32(SB),NOSPLIT,$0-12
	MOVD	p+0(FP), R0
	MOVWU	v+8(FP), R1
	ORDER
	MOVW	R1, (R0)
	RET
