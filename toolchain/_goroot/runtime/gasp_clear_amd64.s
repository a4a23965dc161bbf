// Memory that mmap gave, cleared by the thread that asked for it.

#include "textflag.h"

// Between a system call and what follows it: clears CX words at DI, AX is 0. The
// result of the call is in SI, the address to return to in R11. Uses no stack.
TEXT gaspClear<>(SB),NOSPLIT|NOFRAME,$0
	REP; STOSQ
	MOVQ	SI, AX
	JMP	R11

// func gaspClearPC() uintptr
TEXT runtime·gaspClearPC(SB),NOSPLIT,$0-8
	MOVQ	$gaspClear<>(SB), AX
	MOVQ	AX, ret+0(FP)
	RET
