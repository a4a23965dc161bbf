#include "textflag.h"

// func putValues(text *byte, size int, ends *int, values *uint64, count int)
//
// Writes each value as sixteen hexadecimal digits before the end that belongs to
// it, with SSE2, which every amd64 processor has. An end outside of 16 to size is
// passed by. There is at least one value. Clobbers AX, BX, CX, DX, SI, DI, R8,
// X0 to X7 and the flags.
TEXT ·putValues(SB), NOSPLIT, $0-40
	MOVQ text+0(FP), DI
	MOVQ size+8(FP), R8
	SUBQ $16, R8
	MOVQ ends+16(FP), SI
	MOVQ values+24(FP), BX
	MOVQ count+32(FP), CX
	MOVOU ·nibbles(SB), X4
	MOVOU ·nines(SB), X5
	MOVOU ·letters(SB), X6
	MOVOU ·zeros(SB), X7

value:
	MOVQ -8(BX)(CX*8), AX
	MOVQ -8(SI)(CX*8), DX
	SUBQ $16, DX
	CMPQ DX, R8
	JHI  next
	BSWAPQ AX           // the first digits lowest
	MOVQ AX, X0
	MOVO X0, X1
	PSRLQ $4, X1
	PUNPCKLBW X0, X1    // upper and lower nibbles in turn
	PAND X4, X1
	MOVO X1, X2
	PCMPGTB X5, X2      // all ones where a letter belongs
	PAND X6, X2
	PADDB X7, X1
	PADDB X2, X1
	MOVOU X1, (DI)(DX*1)

next:
	DECQ CX
	JNE  value
	RET

DATA ·nibbles+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA ·nibbles+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL ·nibbles(SB), RODATA|NOPTR, $16
DATA ·nines+0(SB)/8, $0x0909090909090909
DATA ·nines+8(SB)/8, $0x0909090909090909
GLOBL ·nines(SB), RODATA|NOPTR, $16
DATA ·zeros+0(SB)/8, $0x3030303030303030
DATA ·zeros+8(SB)/8, $0x3030303030303030
GLOBL ·zeros(SB), RODATA|NOPTR, $16
DATA ·letters+0(SB)/8, $0x2727272727272727
DATA ·letters+8(SB)/8, $0x2727272727272727
GLOBL ·letters(SB), RODATA|NOPTR, $16
