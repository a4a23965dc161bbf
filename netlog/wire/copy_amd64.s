#include "textflag.h"

DATA newlineBytes<>+0(SB)/8, $0x0a0a0a0a0a0a0a0a
DATA newlineBytes<>+8(SB)/8, $0x0a0a0a0a0a0a0a0a
GLOBL newlineBytes<>(SB), RODATA|NOPTR, $16

DATA spaceBytes<>+0(SB)/8, $0x2020202020202020
DATA spaceBytes<>+8(SB)/8, $0x2020202020202020
GLOBL spaceBytes<>(SB), RODATA|NOPTR, $16

DATA backslashBytes<>+0(SB)/8, $0x5c5c5c5c5c5c5c5c
DATA backslashBytes<>+8(SB)/8, $0x5c5c5c5c5c5c5c5c
GLOBL backslashBytes<>(SB), RODATA|NOPTR, $16

// From space to tilde.
DATA plainRange<>+0(SB)/8, $0x5e5e5e5e5e5e5e5e
DATA plainRange<>+8(SB)/8, $0x5e5e5e5e5e5e5e5e
GLOBL plainRange<>(SB), RODATA|NOPTR, $16

// func copyNewlines(to, from *byte, n int) (found bool)
// Copies n bytes, 16 at least, and tells whether there is a newline among them. DI to, SI from, CX n, BX how
// far; X4 newlines, X5 what was found. What is left at the end is copied with what is before it.
TEXT ·copyNewlines(SB), NOSPLIT, $0-25
	MOVQ  to+0(FP), DI
	MOVQ  from+8(FP), SI
	MOVQ  n+16(FP), CX
	MOVOU newlineBytes<>(SB), X4
	PXOR  X5, X5
	XORL  BX, BX
	SUBQ  $32, CX
	JLT   sixteen

thirtytwo:
	MOVOU   (SI)(BX*1), X0
	MOVOU   16(SI)(BX*1), X1
	MOVOU   X0, (DI)(BX*1)
	MOVOU   X1, 16(DI)(BX*1)
	PCMPEQB X4, X0
	PCMPEQB X4, X1
	POR     X0, X5
	POR     X1, X5
	ADDQ    $32, BX
	CMPQ    BX, CX
	JLE     thirtytwo

sixteen:
	ADDQ    $16, CX
	CMPQ    BX, CX
	JGE     rest
	MOVOU   (SI)(BX*1), X0
	MOVOU   X0, (DI)(BX*1)
	PCMPEQB X4, X0
	POR     X0, X5

rest:
	MOVOU    (SI)(CX*1), X0
	MOVOU    X0, (DI)(CX*1)
	PCMPEQB  X4, X0
	POR      X0, X5
	PMOVMSKB X5, AX
	TESTL    AX, AX
	SETNE    found+24(FP)
	RET

// func copySuspects(to, also, from *byte, n int) (found bool)
// Copies n bytes, 16 at least, to two places, and tells whether there is one among them that needs an escape: below space, above
// tilde, or a backslash. DI to, DX also, SI from, CX n,
// BX how far; X4 spaces, X6 backslashes, X5 the backslashes found, X7 the
// greatest distance from space.
TEXT ·copySuspects(SB), NOSPLIT, $0-33
	MOVQ  to+0(FP), DI
	MOVQ  also+8(FP), DX
	MOVQ  from+16(FP), SI
	MOVQ  n+24(FP), CX
	MOVOU spaceBytes<>(SB), X4
	MOVOU backslashBytes<>(SB), X6
	PXOR  X5, X5
	PXOR  X7, X7
	XORL  BX, BX
	SUBQ  $32, CX
	JLT   sixteen

thirtytwo:
	MOVOU   (SI)(BX*1), X0
	MOVOU   16(SI)(BX*1), X1
	MOVOU   X0, (DI)(BX*1)
	MOVOU   X1, 16(DI)(BX*1)
	MOVOU   X0, (DX)(BX*1)
	MOVOU   X1, 16(DX)(BX*1)
	MOVO    X0, X2
	MOVO    X1, X3
	PSUBB   X4, X0
	PSUBB   X4, X1
	PCMPEQB X6, X2
	PCMPEQB X6, X3
	PMAXUB  X0, X7
	PMAXUB  X1, X7
	POR     X2, X5
	POR     X3, X5
	ADDQ    $32, BX
	CMPQ    BX, CX
	JLE     thirtytwo

sixteen:
	ADDQ    $16, CX
	CMPQ    BX, CX
	JGE     rest
	MOVOU   (SI)(BX*1), X0
	MOVOU   X0, (DI)(BX*1)
	MOVOU   X0, (DX)(BX*1)
	MOVO    X0, X2
	PSUBB   X4, X0
	PCMPEQB X6, X2
	PMAXUB  X0, X7
	POR     X2, X5

rest:
	MOVOU    (SI)(CX*1), X0
	MOVOU    X0, (DI)(CX*1)
	MOVOU    X0, (DX)(CX*1)
	MOVO     X0, X2
	PSUBB    X4, X0
	PCMPEQB  X6, X2
	PMAXUB   X0, X7
	POR      X2, X5
	MOVOU    plainRange<>(SB), X4
	PSUBUSB  X4, X7
	POR      X7, X5
	PXOR     X4, X4
	PCMPEQB  X4, X5
	PMOVMSKB X5, AX
	CMPL     AX, $0xffff
	SETNE    found+32(FP)
	RET
