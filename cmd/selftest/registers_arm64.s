// Registers that hold still: each function fills a register file, waits in a loop
// without calls, and compares.

#include "textflag.h"

#define CHECK(N, R) \
	SUB	R0, R; \
	SUB	$N, R; \
	CMP	$0, R; \
	CSET	NE, R; \
	ORR	R<<N, R27

// func holdRegisters(seed, turns uint64) (lost uint64)
// Register n holds seed + n, but for R18, g and the frame pointer; R27 counts.
TEXT ·holdRegisters(SB),NOSPLIT,$16-24
	MOVD	seed+0(FP), R0
	MOVD	turns+8(FP), R27
	MOVD	R30, 8(RSP)	// a function that calls nobody does not restore it
	ADD	$1, R0, R1
	ADD	$2, R0, R2
	ADD	$3, R0, R3
	ADD	$4, R0, R4
	ADD	$5, R0, R5
	ADD	$6, R0, R6
	ADD	$7, R0, R7
	ADD	$8, R0, R8
	ADD	$9, R0, R9
	ADD	$10, R0, R10
	ADD	$11, R0, R11
	ADD	$12, R0, R12
	ADD	$13, R0, R13
	ADD	$14, R0, R14
	ADD	$15, R0, R15
	ADD	$16, R0, R16
	ADD	$17, R0, R17
	ADD	$19, R0, R19
	ADD	$20, R0, R20
	ADD	$21, R0, R21
	ADD	$22, R0, R22
	ADD	$23, R0, R23
	ADD	$24, R0, R24
	ADD	$25, R0, R25
	ADD	$26, R0, R26
	ADD	$30, R0, R30
wait:
	SUBS	$1, R27
	BNE	wait
	CHECK(1, R1)
	CHECK(2, R2)
	CHECK(3, R3)
	CHECK(4, R4)
	CHECK(5, R5)
	CHECK(6, R6)
	CHECK(7, R7)
	CHECK(8, R8)
	CHECK(9, R9)
	CHECK(10, R10)
	CHECK(11, R11)
	CHECK(12, R12)
	CHECK(13, R13)
	CHECK(14, R14)
	CHECK(15, R15)
	CHECK(16, R16)
	CHECK(17, R17)
	CHECK(19, R19)
	CHECK(20, R20)
	CHECK(21, R21)
	CHECK(22, R22)
	CHECK(23, R23)
	CHECK(24, R24)
	CHECK(25, R25)
	CHECK(26, R26)
	CHECK(30, R30)
	MOVD	seed+0(FP), R1
	CMP	R0, R1
	CSET	NE, R1
	ORR	R1, R27
	MOVD	R27, lost+16(FP)
	MOVD	8(RSP), R30
	RET

#define FILL(N, V) \
	ADD	$N, R0, R2; \
	MVN	R2, R3; \
	VMOV	R2, V.D[0]; \
	VMOV	R3, V.D[1]

#define COMPARE(N, V) \
	ADD	$N, R0, R2; \
	MVN	R2, R3; \
	VMOV	V.D[0], R4; \
	VMOV	V.D[1], R5; \
	EOR	R2, R4; \
	EOR	R3, R5; \
	ORR	R4, R5; \
	CMP	$0, R5; \
	CSET	NE, R5; \
	ORR	R5<<N, R1

#define ROUND_TO_ZERO	(3<<22)	// FPCR
#define ALL_FLAGS	0x9f	// FPSR

// func holdVectors(seed, turns uint64) (lost uint64)
// Register n holds seed + n and its complement.
TEXT ·holdVectors(SB),NOSPLIT,$0-24
	MOVD	seed+0(FP), R0
	MOVD	turns+8(FP), R1
	MRS	FPCR, R6
	MRS	FPSR, R7
	MOVD	$ROUND_TO_ZERO, R8
	MOVD	$ALL_FLAGS, R9
	MSR	R8, FPCR
	MSR	R9, FPSR
	FILL(0, V0)
	FILL(1, V1)
	FILL(2, V2)
	FILL(3, V3)
	FILL(4, V4)
	FILL(5, V5)
	FILL(6, V6)
	FILL(7, V7)
	FILL(8, V8)
	FILL(9, V9)
	FILL(10, V10)
	FILL(11, V11)
	FILL(12, V12)
	FILL(13, V13)
	FILL(14, V14)
	FILL(15, V15)
	FILL(16, V16)
	FILL(17, V17)
	FILL(18, V18)
	FILL(19, V19)
	FILL(20, V20)
	FILL(21, V21)
	FILL(22, V22)
	FILL(23, V23)
	FILL(24, V24)
	FILL(25, V25)
	FILL(26, V26)
	FILL(27, V27)
	FILL(28, V28)
	FILL(29, V29)
	FILL(30, V30)
	FILL(31, V31)
wait:
	SUBS	$1, R1
	BNE	wait
	COMPARE(0, V0)
	COMPARE(1, V1)
	COMPARE(2, V2)
	COMPARE(3, V3)
	COMPARE(4, V4)
	COMPARE(5, V5)
	COMPARE(6, V6)
	COMPARE(7, V7)
	COMPARE(8, V8)
	COMPARE(9, V9)
	COMPARE(10, V10)
	COMPARE(11, V11)
	COMPARE(12, V12)
	COMPARE(13, V13)
	COMPARE(14, V14)
	COMPARE(15, V15)
	COMPARE(16, V16)
	COMPARE(17, V17)
	COMPARE(18, V18)
	COMPARE(19, V19)
	COMPARE(20, V20)
	COMPARE(21, V21)
	COMPARE(22, V22)
	COMPARE(23, V23)
	COMPARE(24, V24)
	COMPARE(25, V25)
	COMPARE(26, V26)
	COMPARE(27, V27)
	COMPARE(28, V28)
	COMPARE(29, V29)
	COMPARE(30, V30)
	COMPARE(31, V31)
	MRS	FPCR, R2
	MRS	FPSR, R3
	MSR	R6, FPCR
	MSR	R7, FPSR
	CMP	R8, R2
	CSET	NE, R2
	ORR	R2<<32, R1
	CMP	R9, R3
	CSET	NE, R3
	ORR	R3<<33, R1
	MOVD	R1, lost+16(FP)
	RET
