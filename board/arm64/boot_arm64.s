//go:build tamago

#include "textflag.h"

// The image is linked for an address that no physical memory has, and mapped there (memory.go). Where it lies, its
// place, is a multiple of 2 MiB and up to the loader. From its start on: translation tables, a stack for as long as there
// is no other; code follows at CODE.
#define IMAGE	0x7f0040200000
#define TABLES	0xc000		// room for twelve: nine are the most that are needed here
#define WINDOW	0xb000		// the last of them: the window's (window.go)
#define CODE	0x10000
#define STACK	(IMAGE+CODE-0x1000)	// the ELF header is in front of the code

// Where a raw image has the magic of its header, and that (toolchain/linuximage.go).
#define RAW_MAGIC	56
#define MAGIC	0x644d5241

#define GIB	0x40000000
#define BLOCK	0x200000
#define BARE	(126<<20)	// leastRAM

// Descriptors (Arm ARM, D8.3; package paging): a table, registers, memory with all rights.
#define TABLE	0x003
#define DEVICE	0x0060000000000401
#define MEMORY	0x0000000000000705

#define MAIR	0x44ff04	// paging.Attributes
// TCR_EL1: 48 bits of address, 4 KiB, walks cached and shareable; the same for TTBR1, which has 30 bits of address and is
// closed (EPD1).
#define TCR	(16 | 1<<8 | 1<<10 | 3<<12 | 34<<16 | 1<<23 | 1<<24 | 1<<26 | 3<<28 | 2<<30)
// SCTLR_EL1 (Arm ARM, D19.2): bits that are 1 where they mean nothing, and MMU, data cache, SP alignment check,
// instruction cache.
#define SCTLR_OFF	0x30d00800
#define SCTLR_ON	(SCTLR_OFF | 1<<0 | 1<<2 | 1<<3 | 1<<12)

// Entered as a Linux kernel is (Documentation/arch/arm64/booting.rst): EL1 or EL2, MMU
// off or one to one, R0 = device tree; from other loaders R0 may be anything. What it finds by SB is relative to where it runs.
TEXT cpuinit(SB),NOSPLIT|NOFRAME,$0
	MSR	$15, DAIFSet
	MOVD	R0, R19
	BL	·findPlace(SB)
	MOVWU	RAW_MAGIC(R22), R21
	BL	·toEL1(SB)
	MRS	CNTVCT_EL0, R20		// at EL2 it may have had another offset

	// The first GiB is registers, without its first 2 MiB: nil is to fault. The image
	// is mapped where it lies, for as long as this runs there, and where it is linked for.
	// What else there is, and the rights, follow in Go (memory.go, protect.go).
	MOVD	R22, R1
	ADD	$TABLES, R22, R2
clear:
	STP.P	(ZR, ZR), 16(R1)
	CMP	R2, R1
	BLO	clear
	ADD	$0x1000, R22, R24	// the next table; the first is the root
	MOVD	$BLOCK, R1
	MOVD	$GIB, R2
	MOVD	$(DEVICE+BLOCK), R3
	BL	·mapBlocks(SB)
	MOVD	$runtime·end(SB), R25
	SUB	R22, R25
	MOVD	R22, R1
#ifdef GOOS_tamago
	ADD	$BARE, R22, R2		// heap and stack lie behind the image, at their own addresses
#else
	ADD	R25, R22, R2
#endif
	MOVD	$MEMORY, R3
	ADD	R22, R3
	BL	·mapBlocks(SB)
	MOVD	$IMAGE, R1
	ADD	R25, R1, R2
	MOVD	$MEMORY, R3
	ADD	R22, R3
	BL	·mapBlocks(SB)
	// The tables are to be in memory, and not something else in the cache.
	DSB	$15
	MOVD	R22, R1
	ADD	$TABLES, R22, R2
clean:
	DC	CIVAC, R1
	ADD	$16, R1			// the least a cache line can be
	CMP	R2, R1
	BLO	clean
	DSB	$15
	BL	·startMMU(SB)
	MOVD	$MAGIC, R1
	CMPW	R1, R21
	BNE	cleared
	MOVD	$runtime·bss(SB), R1	// a raw image: its loader did not
	MOVD	$runtime·end(SB), R2
zero:
	STP.P	(ZR, ZR), 16(R1)
	CMP	R2, R1
	BLO	zero
cleared:
	MOVD	R19, ·deviceTree(SB)
	MOVD	R20, ·entered(SB)
	MOVD	R22, ·place(SB)
#ifdef GOOS_tamago
	MOVD	$(3<<20), R1		// floating point
	MSR	R1, CPACR_EL1
	ISB	$15
	MOVD	R22, runtime∕goos·RamStart(SB)
	ADD	R25, R22, R1
	ADD	$0xffff, R1
	AND	$~0xffff, R1
	MOVD	R1, runtime∕goos·Bloc(SB)
	ADD	$(BARE-0x100), R22, R1
#else
	MOVD	$STACK, R1
#endif
	MOVD	R1, RSP
	JMP	_rt0_tamago_start(SB)

// Finds the place of the image, R22, by where this runs: at the place.
TEXT ·findPlace(SB),NOSPLIT|NOFRAME,$0
	MOVD	$runtime·text(SB), R22
	SUB	$CODE, R22
	RET

// Maps the blocks from R1 up to R2, the first one by the descriptor R3. R22 is the root, R24 the next table that is free.
// Uses R1 and R3 to R6.
TEXT ·mapBlocks(SB),NOSPLIT|NOFRAME,$0
next:
	UBFX	$39, R1, $9, R4
	ADD	R4<<3, R22, R4
	MOVD	(R4), R5
	CBNZ	R5, level1
	ADD	$TABLE, R24, R5
	MOVD	R5, (R4)
	ADD	$0x1000, R24
level1:
	BIC	$0xfff, R5
	UBFX	$30, R1, $9, R4
	ADD	R4<<3, R5, R4
	MOVD	(R4), R5
	CBNZ	R5, level2
	ADD	$TABLE, R24, R5
	MOVD	R5, (R4)
	ADD	$0x1000, R24
level2:
	BIC	$0xfff, R5
	UBFX	$21, R1, $9, R4
	MOVD	R3, (R5)(R4<<3)
	MOVD	$BLOCK, R6
	ADD	R6, R1
	ADD	R6, R3
	CMP	R2, R1
	BLO	next
	RET

// A further processor starts here, as the first one, with R0 = a StartBlock, where it is mapped (device.go).
TEXT ·secondary(SB),NOSPLIT|NOFRAME,$0
	MSR	$15, DAIFSet
	MOVD	R0, R19
	BL	·findPlace(SB)
	BL	·toEL1(SB)
	BL	·startMMU(SB)
	MOVD	8(R19), R0
	MOVD	0(R19), R1
	JMP	(R1)

// func secondaryPC() uintptr
TEXT ·secondaryPC(SB),NOSPLIT|NOFRAME,$0-8
	MOVD	$·secondary(SB), R0
	MOVD	R0, ret+0(FP)
	RET

// Goes from EL2 to EL1, with what EL1 needs allowed. Registers of EL2 that a reset leaves unknown, or firmware left to itself, are written as a
// whole. Uses R1.
TEXT ·toEL1(SB),NOSPLIT|NOFRAME,$0
	MRS	CurrentEL, R1
	CMP	$(2<<2), R1
	BEQ	el2
	RET
el2:
	MOVD	$(1<<31), R1
	WORD	$0xd51c1101	// msr hcr_el2, x1: EL1 is 64-bit, nothing is trapped
	ISB	$15		// E2H says what the others mean, and TGE what ERET does
	MOVD	$3, R1
	WORD	$0xd51ce101	// msr cnthctl_el2, x1: counter and timer
	WORD	$0xd51ce07f	// msr cntvoff_el2, xzr
	MOVD	$0x33ff, R1
	WORD	$0xd51c1141	// msr cptr_el2, x1: floating point
	WORD	$0xd51c117f	// msr hstr_el2, xzr
	WORD	$0xd51c113f	// msr mdcr_el2, xzr
	WORD	$0xd51c211f	// msr vttbr_el2, xzr
	MRS	MIDR_EL1, R1
	WORD	$0xd51c0001	// msr vpidr_el2, x1
	MRS	MPIDR_EL1, R1
	WORD	$0xd51c00a1	// msr vmpidr_el2, x1
	MRS	ID_AA64MMFR0_EL1, R1
	LSR	$56, R1
	TST	$15, R1
	BEQ	nofgt
	WORD	$0xd51c119f	// msr hfgrtr_el2, xzr: FEAT_FGT
	WORD	$0xd51c11bf	// msr hfgwtr_el2, xzr
	WORD	$0xd51c11df	// msr hfgitr_el2, xzr
	WORD	$0xd51c319f	// msr hdfgrtr_el2, xzr
	WORD	$0xd51c31bf	// msr hdfgwtr_el2, xzr
nofgt:
	MRS	ID_AA64MMFR1_EL1, R1
	UBFX	$40, R1, $4, R1
	CBZ	R1, nohcx
	WORD	$0xd51c125f	// msr hcrx_el2, xzr: FEAT_HCX
nohcx:
	MRS	ID_AA64PFR0_EL1, R1
	UBFX	$24, R1, $4, R1
	CBZ	R1, nogic
	WORD	$0xd53cc9a1	// mrs x1, icc_sre_el2
	ORR	$9, R1
	WORD	$0xd51cc9a1	// msr icc_sre_el2, x1: the interrupt controller's registers
	ISB	$15
	WORD	$0xd53cc9a1	// mrs x1, icc_sre_el2
	TBZ	$0, R1, nogic	// firmware keeps to a controller of version 2
	WORD	$0xd51ccb1f	// msr ich_hcr_el2, xzr
nogic:
	MOVD	$SCTLR_OFF, R1
	MSR	R1, SCTLR_EL1
	MOVD	$0x3c5, R1
	WORD	$0xd51c4001	// msr spsr_el2, x1: EL1 on SP_EL1, masked
	WORD	$0xd51c403e	// msr elr_el2, x30
	ERET

// Makes the tables at R22 hold, and returns to where its caller is mapped. Uses R1 and R2.
TEXT ·startMMU(SB),NOSPLIT|NOFRAME,$0
	MOVD	$SCTLR_OFF, R1
	MSR	R1, SCTLR_EL1
	ISB	$15
	MOVD	$MAIR, R1
	MSR	R1, MAIR_EL1
	MRS	ID_AA64MMFR0_EL1, R2
	AND	$15, R2
	CMP	$5, R2			// more than 48 bits need larger pages
	BLS	fits
	MOVD	$5, R2
fits:
	MOVD	$TCR, R1
	ORR	R2<<32, R1
	MSR	R1, TCR_EL1
	MSR	R22, TTBR0_EL1
	ADD	$WINDOW, R22, R1
	MSR	R1, TTBR1_EL1
	ISB	$15
	TLBI	VMALLE1
	WORD	$0xd508751f		// ic iallu
	DSB	$15
	ISB	$15
	MOVD	$SCTLR_ON, R1
	MSR	R1, SCTLR_EL1
	ISB	$15
	MOVD	$IMAGE, R1
	SUB	R22, R1
	ADD	R1, R30
	RET
