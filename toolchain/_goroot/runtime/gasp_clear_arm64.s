// Memory that mmap gave, cleared by the thread that asked for it.

#include "textflag.h"

// Between a system call and what follows it: clears 64 times R16 bytes at R9. The
// address to return to is in R17. Uses no stack.
TEXT gaspClear<>(SB),NOSPLIT|NOFRAME,$0
	CBZ	R16, done
clear:
	STP	(ZR, ZR), 0(R9)
	STP	(ZR, ZR), 16(R9)
	STP	(ZR, ZR), 32(R9)
	STP	(ZR, ZR), 48(R9)
	ADD	$64, R9
	SUBS	$1, R16
	BNE	clear
done:
	JMP	(R17)

// func gaspClearPC() uintptr
TEXT runtime·gaspClearPC(SB),NOSPLIT,$0-8
	MOVD	$gaspClear<>(SB), R0
	MOVD	R0, ret+0(FP)
	RET
