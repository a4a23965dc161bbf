//go:build tamago

#include "textflag.h"

// RAM layout, from the start of the image on (memory.go): translation tables, a stack
// for as long as there is no other; code follows at IMAGE+0x10000.
#define IMAGE	0x40200000
#define LEVEL0	(IMAGE+0x0000)
#define LEVEL1	(IMAGE+0x1000)
#define LOW	(IMAGE+0x2000)	// level 2, of the first GiB
#define HERE	(IMAGE+0x3000)	// level 2, of the GiB that the image is in
#define TABLES	0x4000		// size of all four
#define STACK	(IMAGE+0x10000)

// Where a raw image has the magic of its header, and that (toolchain/linuximage.go).
#define RAW_MAGIC	56
#define MAGIC	0x644d5241

#define GIB	0x40000000
#define BLOCK	0x200000

// Descriptors (Arm ARM, D8.3; package paging): a table, registers, memory with all rights.
#define TABLE	0x003
#define DEVICE	0x0060000000000401
#define MEMORY	0x0000000000000705

#define MAIR	0x44ff04	// paging.Attributes
// TCR_EL1: 48 bits of address, 4 KiB, walks cached and shareable; TTBR1 is not used.
#define TCR	(16 | 1<<8 | 1<<10 | 3<<12 | 1<<23)
// SCTLR_EL1 (Arm ARM, D19.2): bits that are 1 where they mean nothing, and MMU, data cache, SP alignment check,
// instruction cache.
#define SCTLR_OFF	0x30d00800
#define SCTLR_ON	(SCTLR_OFF | 1<<0 | 1<<2 | 1<<3 | 1<<12)

// Entered as a Linux kernel is (Documentation/arch/arm64/booting.rst): EL1 or EL2, MMU
// off or one to one, R0 = device tree; from other loaders R0 may be anything.
TEXT cpuinit(SB),NOSPLIT|NOFRAME,$0
	MSR	$15, DAIFSet
	MRS	CNTVCT_EL0, R20
	MOVD	R0, R19
	MOVD	$(IMAGE+RAW_MAGIC), R1
	MOVWU	(R1), R21
	BL	·toEL1(SB)

	// One to one. The first GiB is registers, without its first 2 MiB: nil is to fault.
	// The GiB of the image is memory. What else there is, and the rights, follow in Go
	// (memory.go, protect.go).
	MOVD	$LEVEL0, R1
	MOVD	$(LEVEL0+TABLES), R2
clear:
	STP.P	(ZR, ZR), 16(R1)
	CMP	R2, R1
	BLO	clear
	MOVD	$LEVEL0, R1
	MOVD	$(LEVEL1+TABLE), R2
	MOVD	R2, (R1)
	MOVD	$LEVEL1, R1
	MOVD	$(LOW+TABLE), R2
	MOVD	R2, (R1)
	MOVD	$(HERE+TABLE), R2
	MOVD	R2, (IMAGE/GIB*8)(R1)
	MOVD	$LOW, R1
	MOVD	$(DEVICE+BLOCK), R2
	MOVD	$511, R3
	ADD	$8, R1
low:
	MOVD.P	R2, 8(R1)
	ADD	$BLOCK, R2
	SUBS	$1, R3
	BNE	low
	MOVD	$HERE, R1
	MOVD	$(MEMORY+IMAGE/GIB*GIB), R2
	MOVD	$512, R3
here:
	MOVD.P	R2, 8(R1)
	ADD	$BLOCK, R2
	SUBS	$1, R3
	BNE	here
	// The tables are to be in memory, and not something else in the cache.
	DSB	$15
	MOVD	$LEVEL0, R1
	MOVD	$(LEVEL0+TABLES), R2
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
#ifdef GOOS_tamago
	MOVD	$(3<<20), R1		// floating point
	MSR	R1, CPACR_EL1
	ISB	$15
	// The stack stays; it is larger than the room there is here.
	MOVD	runtime∕goos·RamStart(SB), R1
	MOVD	runtime∕goos·RamSize(SB), R2
	ADD	R2, R1
	MOVD	runtime∕goos·RamStackOffset(SB), R2
	SUB	R2, R1
#else
	MOVD	$STACK, R1
#endif
	MOVD	R1, RSP
	JMP	_rt0_tamago_start(SB)

// A further processor starts here, as the first one, with R0 = a startBlock (cpus.go).
TEXT ·secondary(SB),NOSPLIT|NOFRAME,$0
	MSR	$15, DAIFSet
	MOVD	R0, R19
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

// Goes from EL2 to EL1, with what EL1 needs allowed. Uses R1 and R2.
TEXT ·toEL1(SB),NOSPLIT|NOFRAME,$0
	MRS	CurrentEL, R1
	CMP	$(2<<2), R1
	BEQ	el2
	RET
el2:
	MOVD	$(1<<31), R1
	WORD	$0xd51c1101	// msr hcr_el2, x1: EL1 is 64-bit, nothing is trapped
	WORD	$0xd53ce101	// mrs x1, cnthctl_el2
	ORR	$3, R1
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
	MRS	ID_AA64PFR0_EL1, R1
	UBFX	$24, R1, $4, R1
	CBZ	R1, nogic
	WORD	$0xd53cc9a1	// mrs x1, icc_sre_el2
	ORR	$9, R1
	WORD	$0xd51cc9a1	// msr icc_sre_el2, x1: the interrupt controller's registers
	ISB	$15
nogic:
	MOVD	$SCTLR_OFF, R1
	MSR	R1, SCTLR_EL1
	MOVD	$0x3c5, R1
	WORD	$0xd51c4001	// msr spsr_el2, x1: EL1 on SP_EL1, masked
	WORD	$0xd51c403e	// msr elr_el2, x30
	ERET

// Makes the tables hold. Uses R1 and R2.
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
	MOVD	$LEVEL0, R1
	MSR	R1, TTBR0_EL1
	ISB	$15
	TLBI	VMALLE1
	WORD	$0xd508751f		// ic iallu
	DSB	$15
	ISB	$15
	MOVD	$SCTLR_ON, R1
	MSR	R1, SCTLR_EL1
	ISB	$15
	RET
