#include "textflag.h"

// func sumOf(p *byte, n int) (sum uint16)
// Adds the n bytes at p as little-endian words of eight with carry around, those behind the last word as if zeros
// followed, folds that, and swaps its bytes. SI p, CX n, AX sum.
TEXT ·sumOf(SB), NOSPLIT, $0-18
	MOVQ p+0(FP), SI
	MOVQ n+8(FP), CX
	XORL AX, AX
	MOVQ CX, BX
	SHRQ $6, BX
	JEQ  words

eight:
	ADDQ 0(SI), AX
	ADCQ 8(SI), AX
	ADCQ 16(SI), AX
	ADCQ 24(SI), AX
	ADCQ 32(SI), AX
	ADCQ 40(SI), AX
	ADCQ 48(SI), AX
	ADCQ 56(SI), AX
	ADCQ $0, AX
	ADDQ $64, SI
	DECQ BX
	JNE  eight

words:
	TESTQ $32, CX
	JEQ   three
	ADDQ  0(SI), AX
	ADCQ  8(SI), AX
	ADCQ  16(SI), AX
	ADCQ  24(SI), AX
	ADCQ  $0, AX
	ADDQ  $32, SI

three:
	MOVQ CX, BX
	ANDQ $24, BX
	JEQ  bytes

word:
	ADDQ 0(SI), AX
	ADCQ $0, AX
	ADDQ $8, SI
	SUBQ $8, BX
	JNE  word

bytes:
	ANDQ $7, CX
	JEQ  done
	CMPQ n+8(FP), $8
	JLT  few

	// The last word, without the bytes that were added.
	MOVQ -8(SI)(CX*1), DX
	NEGQ CX
	SHLQ $3, CX
	SHRQ CX, DX
	JMP  last

few:
	XORL DX, DX

byte:
	SHLQ    $8, DX
	MOVBLZX -1(SI)(CX*1), BX
	ORQ     BX, DX
	DECQ    CX
	JNE     byte

last:
	ADDQ DX, AX
	ADCQ $0, AX

done:
	MOVQ AX, BX
	SHRQ $32, BX
	ADDL BX, AX
	ADCL $0, AX
	MOVL AX, BX
	SHRL $16, BX
	ADDW BX, AX
	ADCW $0, AX
	ROLW $8, AX
	MOVW AX, sum+16(FP)
	RET
