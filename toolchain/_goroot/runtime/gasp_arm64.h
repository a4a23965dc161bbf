// What the kernel's assembly of arm64 shares.

// Bits of DAIF: debug exceptions, SError, IRQ, FIQ.
#define ALL	15
#define IRQ	2
#define NEVER_MASKED	13	// debug exceptions, SError and FIQ: in the kernel too, but for its entries and exits
#define DAIF_SHIFT	6	// where the bits lie in DAIF and SPSR

// Lets in what the kernel does not mask. Ordinary interrupts are masked: by their priority, if R3 is not 0, else by
// DAIF (goos.Mask).
#define ADMIT_URGENT \
	MSR	$NEVER_MASKED, DAIFClr; \
	CBZ	R3, 2(PC); \
	MSR	$IRQ, DAIFClr

// From here on goos.Take's number of an interrupt is none.
#define NO_INTERRUPT	1020

// ESR_EL1: where the class lies, and that of SVC.
#define CLASS	26
#define SVC64	0x15

// All registers but R0, from OFFSET on.
#define STORE_REGISTERS(OFFSET) \
	STP	(R1, R2), (OFFSET+8)(R0); \
	STP	(R3, R4), (OFFSET+24)(R0); \
	STP	(R5, R6), (OFFSET+40)(R0); \
	STP	(R7, R8), (OFFSET+56)(R0); \
	STP	(R9, R10), (OFFSET+72)(R0); \
	STP	(R11, R12), (OFFSET+88)(R0); \
	STP	(R13, R14), (OFFSET+104)(R0); \
	STP	(R15, R16), (OFFSET+120)(R0); \
	STP	(R17, R18_PLATFORM), (OFFSET+136)(R0); \
	STP	(R19, R20), (OFFSET+152)(R0); \
	STP	(R21, R22), (OFFSET+168)(R0); \
	STP	(R23, R24), (OFFSET+184)(R0); \
	STP	(R25, R26), (OFFSET+200)(R0); \
	STP	(R27, g), (OFFSET+216)(R0); \
	STP	(R29, R30), (OFFSET+232)(R0)

#define LOAD_REGISTERS(OFFSET) \
	LDP	(OFFSET+8)(R0), (R1, R2); \
	LDP	(OFFSET+24)(R0), (R3, R4); \
	LDP	(OFFSET+40)(R0), (R5, R6); \
	LDP	(OFFSET+56)(R0), (R7, R8); \
	LDP	(OFFSET+72)(R0), (R9, R10); \
	LDP	(OFFSET+88)(R0), (R11, R12); \
	LDP	(OFFSET+104)(R0), (R13, R14); \
	LDP	(OFFSET+120)(R0), (R15, R16); \
	LDP	(OFFSET+136)(R0), (R17, R18_PLATFORM); \
	LDP	(OFFSET+152)(R0), (R19, R20); \
	LDP	(OFFSET+168)(R0), (R21, R22); \
	LDP	(OFFSET+184)(R0), (R23, R24); \
	LDP	(OFFSET+200)(R0), (R25, R26); \
	LDP	(OFFSET+216)(R0), (R27, g); \
	LDP	(OFFSET+232)(R0), (R29, R30); \
	MOVD	OFFSET(R0), R0

// Keeps the registers of the processor's thread, to whose context R0 leads then; the
// others are free.
#define KEEP_THREAD \
	MSR	R0, TPIDR_EL0; \
	MRS	TPIDR_EL1, R0; \
	MOVD	gaspCPU_cur(R0), R0; \
	STORE_REGISTERS(gaspContext_r); \
	MRS	TPIDR_EL0, R1; \
	MRS	ELR_EL1, R2; \
	MRS	SPSR_EL1, R3; \
	MRS	SP_EL0, R4; \
	MOVD	R1, gaspContext_r(R0); \
	MOVD	R2, gaspContext_pc(R0); \
	MOVD	R3, gaspContext_pstate(R0); \
	MOVD	R4, gaspContext_sp(R0); \
	MOVD	g, gaspContext_g(R0)

// A gaspVectors at P; clobbers R3 and R4.
#define KEEP_FLOAT_STATE(P) \
	MRS	FPSR, R3; \
	MRS	FPCR, R4; \
	MOVD	R3, gaspVectors_fpsr(P); \
	MOVD	R4, gaspVectors_fpcr(P)

#define LOAD_FLOAT_STATE(P) \
	MOVD	gaspVectors_fpsr(P), R3; \
	MOVD	gaspVectors_fpcr(P), R4; \
	MSR	R3, FPSR; \
	MSR	R4, FPCR

#define KEEP_FX(P) \
	KEEP_FLOAT_STATE(P); \
	FSTPQ	(F0, F1), 0(P); \
	FSTPQ	(F2, F3), 32(P); \
	FSTPQ	(F4, F5), 64(P); \
	FSTPQ	(F6, F7), 96(P); \
	FSTPQ	(F8, F9), 128(P); \
	FSTPQ	(F10, F11), 160(P); \
	FSTPQ	(F12, F13), 192(P); \
	FSTPQ	(F14, F15), 224(P); \
	FSTPQ	(F16, F17), 256(P); \
	FSTPQ	(F18, F19), 288(P); \
	FSTPQ	(F20, F21), 320(P); \
	FSTPQ	(F22, F23), 352(P); \
	FSTPQ	(F24, F25), 384(P); \
	FSTPQ	(F26, F27), 416(P); \
	FSTPQ	(F28, F29), 448(P); \
	FSTPQ	(F30, F31), 480(P)

#define LOAD_VECTORS(P) \
	FLDPQ	0(P), (F0, F1); \
	FLDPQ	32(P), (F2, F3); \
	FLDPQ	64(P), (F4, F5); \
	FLDPQ	96(P), (F6, F7); \
	FLDPQ	128(P), (F8, F9); \
	FLDPQ	160(P), (F10, F11); \
	FLDPQ	192(P), (F12, F13); \
	FLDPQ	224(P), (F14, F15); \
	FLDPQ	256(P), (F16, F17); \
	FLDPQ	288(P), (F18, F19); \
	FLDPQ	320(P), (F20, F21); \
	FLDPQ	352(P), (F22, F23); \
	FLDPQ	384(P), (F24, F25); \
	FLDPQ	416(P), (F26, F27); \
	FLDPQ	448(P), (F28, F29); \
	FLDPQ	480(P), (F30, F31)
