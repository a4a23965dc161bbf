//go:build tamago

#include "textflag.h"

// Arguments and result as Arm DEN 0028 (SMC Calling Convention), 2.6: X0 to X3, the result in X0; X0 to X17 are
// the callee's.

#define CALL_FIRMWARE(INSTRUCTION) \
	MOVD	function+0(FP), R0; \
	MOVD	a+8(FP), R1; \
	MOVD	b+16(FP), R2; \
	MOVD	c+24(FP), R3; \
	INSTRUCTION	$0; \
	MOVD	R0, ret+32(FP); \
	RET

// func hypervisorCall(function, a, b, c uint64) int64
TEXT ·hypervisorCall(SB),NOSPLIT,$0-40
	CALL_FIRMWARE(HVC)

// func monitorCall(function, a, b, c uint64) int64
TEXT ·monitorCall(SB),NOSPLIT,$0-40
	CALL_FIRMWARE(SMC)
