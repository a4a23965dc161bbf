//go:build tamago

#include "textflag.h"

// RAM layout, from the start of RAM on (memory.go): the command line that an
// emulator left, vectors, translation tables; the image starts at RAM+0x200000.
#define RAM	0x80000000
#define VECTORS	(RAM+0x1000)
#define L1	(RAM+0x4000)	// 4,096 entries, one for 1 MiB each

// Section descriptors (ARM ARM ARMv7-A, B3.5.1): domain 0, full access to PL1.
#define DEVICE	0x00000416	// shareable device, XN
#define MEMORY	0x0000140e	// normal, write-back, write-allocate
#define WALKS	0x00000048	// TTBR0: walks inner and outer write-back, write-allocate

#define ISB	WORD $0xf57ff06f
#define DSB	WORD $0xf57ff04f

// Entered from U-Boot's bootelf, which gives argc in R0 and argv in R1, from an
// emulator, with all registers 0, or from the boot ROM: Supervisor mode of the
// secure state. Behind OP-TEE, or another monitor, it is Supervisor or Hyp mode of
// the other one (world.go). Nothing is assumed of MMU and caches.
TEXT cpuinit(SB),NOSPLIT|NOFRAME,$0
	WORD	$0xf10c01c0	// cpsid aif
	MOVW	R0, R8
	MOVW	R1, R9
	MOVW	$0, R4

	// 1. From Hyp mode to Supervisor mode of the same, non-secure, state, without traps to Hyp
	// mode (B1.9.1, B4.1.51 to 53, B4.1.26).
	WORD	$0xe10f2000	// mrs r2, CPSR
	AND	$0x1f, R2
	CMP	$0x1a, R2
	BNE	privileged
	MRC	15, 4, R4, C1, C0, 0	// HSCTLR
	MOVW	$0, R2
	MCR	15, 4, R2, C1, C1, 0	// HCR
	MCR	15, 4, R2, C1, C1, 2	// HCPTR
	MCR	15, 4, R2, C1, C1, 3	// HSTR
	WORD	$0xec422f4e		// mcrr p15, 4, r2, r2, c14: CNTVOFF
	MRC	15, 4, R2, C1, C1, 1	// HDCR: only the number of counters stays
	AND	$0x1f, R2
	MCR	15, 4, R2, C1, C1, 1
	MOVW	$3, R2
	MCR	15, 4, R2, C14, C1, 0	// CNTHCTL: physical counter and timer
	MOVW	$0x1d3, R2		// Supervisor mode, all masked
	WORD	$0xe16ff002		// msr SPSR_fsxc, r2
	WORD	$0xe28f2004		// add r2, pc, #4: behind eret
	WORD	$0xe12ef302		// msr ELR_hyp, r2
	WORD	$0xe160006e		// eret
privileged:
	WORD	$0xf102001f	// cps #0x1f: System mode

	// 2. MMU and caches off, with what they hold written back if they were on. If they were off, what they
	// hold is old, and memory right: the boot ROM leaves them so after a download by USB (U-Boot,
	// arch/arm/mach-imx/cache.c, enable_caches).
	MRC	15, 0, R2, C1, C0, 0	// SCTLR
	ORR	R4, R2
	TST	$(1<<2), R2
	BEQ	off
	BL	·cleanDataCache(SB)
off:
	MRC	15, 0, R2, C1, C0, 0
	MOVW	$(1<<12|1<<11|1<<2|1<<1|1<<0), R3	// I, Z, C, A, M
	BIC	R3, R2
	MCR	15, 0, R2, C1, C0, 0
	ISB
	BL	·dropDataCache(SB)	// what was read ahead meanwhile, too
	MOVW	$0, R2
	MCR	15, 0, R2, C8, C7, 0	// TLBIALL
	MCR	15, 0, R2, C7, C5, 0	// ICIALLU
	MCR	15, 0, R2, C7, C5, 6	// BPIALL
	DSB
	ISB
	MRC	15, 0, R2, C1, C0, 1	// ACTLR.SMP: without it a Cortex-A7 caches no data
	ORR	$(1<<6), R2		// (Cortex-A7 MPCore TRM, 4.3.31)
	MCR	15, 0, R2, C1, C0, 1

	// 3. One to one in sections. The first one is absent: nil is to fault. Other
	// rights, and how much RAM there is, follow in Go (memory.go, protect.go).
	MOVW	$L1, R2
	MOVW	$0, R3
	MOVW.P	R3, 4(R2)
	MOVW	$1, R3
device:
	MOVW	R3<<20, R4
	MOVW	$DEVICE, R5
	ORR	R5, R4
	CMP	$(RAM>>20), R3
	BLO	store
	MOVW	R3<<20, R4
	MOVW	$MEMORY, R5
	ORR	R5, R4
store:
	MOVW.P	R4, 4(R2)
	ADD	$1, R3
	CMP	$4096, R3
	BNE	device
	DSB

	// 4. MMU and caches on.
	MOVW	$0, R2
	MCR	15, 0, R2, C2, C0, 2	// TTBCR: TTBR0 for all
	MOVW	$(L1+WALKS), R2
	MCR	15, 0, R2, C2, C0, 0	// TTBR0
	MOVW	$1, R2
	MCR	15, 0, R2, C3, C0, 0	// DACR: rights are checked
	ISB
	MRC	15, 0, R2, C1, C0, 0
	MOVW	$(1<<30|1<<29|1<<28|1<<25|1<<13), R3	// TE, AFE, TRE, EE, V
	BIC	R3, R2
	MOVW	$(1<<12|1<<11|1<<2|1<<0), R3
	ORR	R3, R2
	MCR	15, 0, R2, C1, C0, 0
	ISB

	// 5. VFP and NEON.
	MRC	15, 0, R2, C1, C0, 2	// CPACR
	ORR	$(0xf<<20), R2
	BIC	$(3<<30), R2		// D32DIS, ASEDIS
	MCR	15, 0, R2, C1, C0, 2
	ISB
	MOVW	$(1<<30), R3
	WORD	$0xeee83a10		// vmsr fpexc, r3

	// 6. The place of the vectors, which TamaGo's toolchain moves; and on.
	MOVW	$VECTORS, R2
	MCR	15, 0, R2, C12, C0, 0	// VBAR
	MOVW	R8, ·argc(SB)
	MOVW	R9, ·argv(SB)
	MOVW	runtime∕goos·RamStart(SB), R13
	MOVW	runtime∕goos·RamSize(SB), R1
	ADD	R1, R13
	MOVW	runtime∕goos·RamStackOffset(SB), R1
	SUB	R1, R13
	B	_rt0_tamago_start(SB)

// All levels of the data cache up to the point of coherency, by set and way (ARM ARM
// ARMv7-A, B2.2.7). An operation on the second level overtakes those on the first
// without the barrier between levels (Cortex-A7 erratum 814220). Clobbers R0 to R7,
// R11 and R12.
#define BY_SET_AND_WAY(CRM) \
	DSB; \
	MRC	15, 1, R0, C0, C0, 1;	/* CLIDR */ \
	MOVW	R0>>23, R3; \
	AND	$14, R3;		/* 2 * level of coherency */ \
	MOVW	$0, R1;			/* 2 * level */ \
level:	CMP	R3, R1; \
	BHS	done; \
	ADD	R1>>1, R1, R2;		/* 3 * level */ \
	MOVW	R0>>R2, R2; \
	AND	$7, R2; \
	CMP	$2, R2;			/* no data cache here */ \
	BLO	skip; \
	MCR	15, 2, R1, C0, C0, 0;	/* CSSELR */ \
	ISB; \
	MRC	15, 1, R2, C0, C0, 0;	/* CCSIDR */ \
	AND	$7, R2, R4; \
	ADD	$4, R4;			/* log2 of the line, in bytes */ \
	MOVW	R2>>3, R5; \
	MOVW	$0x3ff, R6; \
	AND	R6, R5;			/* ways - 1 */ \
	MOVW	R2>>13, R7; \
	MOVW	$0x7fff, R6; \
	AND	R6, R7;			/* sets - 1 */ \
	CLZ	R5, R6;			/* where the way goes */ \
way:	MOVW	R7, R11; \
set:	MOVW	R5<<R6, R12; \
	ORR	R1, R12; \
	MOVW	R11<<R4, R2; \
	ORR	R2, R12; \
	MCR	15, 0, R12, C7, CRM, 2; \
	SUB.S	$1, R11; \
	BGE	set; \
	SUB.S	$1, R5; \
	BGE	way; \
skip:	DSB; \
	ADD	$2, R1; \
	B	level; \
done:	MOVW	$0, R1; \
	MCR	15, 2, R1, C0, C0, 0; \
	DSB; \
	ISB; \
	RET

// func cleanDataCache()
// Writes it back and empties it: DCCISW.
TEXT ·cleanDataCache(SB),NOSPLIT|NOFRAME,$0
	BY_SET_AND_WAY(C14)

// Empties it, and writes nothing back: DCISW.
TEXT ·dropDataCache(SB),NOSPLIT|NOFRAME,$0
	BY_SET_AND_WAY(C6)
