// What firmware is on an Arm server, as far as the image meets it (Arm Trusted Firmware's design: BL31): it runs at EL3, keeps FIQs and the
// interrupt controller's group 0 for itself, gives all interrupts to the other state, answers PSCI by SMC, and leaves EL2 so that what can be
// trapped there is. QEMU's virt with secure=on, virtualization=on and gic-version=3 starts it on every processor, at address 0. ../el3.go assembles it.

// textflag.h is not at hand.
#define NOSPLIT	4
#define NOFRAME	512

// QEMU hw/arm/virt.c.
#define DISTRIBUTOR	0x08000000
#define REDISTRIBUTORS	0x080a0000	// 128 KiB each
#define POWER		0x090b0000	// PL061 of the secure state: pin 0 switches off, pin 1 resets
#define MAILBOXES	0x0e000000	// memory of the secure state: entry and R0 of each processor
#define TREE		0x40000000
#define IMAGE		0x40200000

// SCR_EL3 (Arm ARM, D19.2): the lower levels are 64-bit and non-secure, with HVC, and registers that EL2 may have (FGTEn, HXEn: Linux booting.rst);
// FIQs come here.
#define SCR	(1<<0 | 1<<2 | 3<<4 | 1<<8 | 1<<10 | 1<<27 | 1<<38)
#define EL2	0x3c9	// SPSR_EL3: on SP_EL2, all masked
#define VECTORS	0x800

// Arm DEN 0022, 5.1
#define SYSTEM_OFF	0x84000008
#define SYSTEM_RESET	0x84000009
#define CPU_ON		0xc4000003

TEXT ·monitor(SB),NOSPLIT|NOFRAME,$0
	MOVD	$VECTORS, R0
	WORD	$0xd51ec000	// msr vbar_el3, x0
	MOVD	$SCR, R0
	WORD	$0xd51e1100	// msr scr_el3, x0
	WORD	$0xd51e115f	// msr cptr_el3, xzr
	MOVD	$15, R0
	WORD	$0xd51ecca0	// msr icc_sre_el3, x0
	ISB	$15
	MOVD	$0xff, R0
	MSR	R0, ICC_PMR_EL1	// else the other state can open none (IHI 0069H, 12.2.19)

	MRS	MPIDR_EL1, R20
	AND	$0xff, R20
	MOVD	$REDISTRIBUTORS, R1
	ADD	R20<<17, R1
	MOVWU	0x14(R1), R0	// GICR_WAKER
	AND	$~2, R0
	MOVW	R0, 0x14(R1)
asleep:
	MOVWU	0x14(R1), R0
	TBNZ	$2, R0, asleep
	MOVD	$-1, R0
	ADD	$0x10000, R1
	MOVW	R0, 0x80(R1)	// GICR_IGROUPR0
	MOVD	$0xd00, R2
	MOVW	ZR, (R1)(R2)	// GICR_IGRPMODR0: group 1 of the other state
	MOVD	$MAILBOXES, R4
	ADD	R20<<4, R4
	CBNZ	R20, wait

	MOVD	$DISTRIBUTOR, R1
	MOVD	$0x37, R2	// GICD_CTLR: affinity routing, all groups
	MOVW	R2, (R1)
	ADD	$0x84, R1	// GICD_IGROUPR1
	ADD	$0x20, R1, R2
next:
	MOVW.P	R0, 4(R1)
	CMP	R2, R1
	BNE	next
	MOVD	$TREE, R0
	MOVD	$IMAGE, R5
	JMP	start
wait:
	WFE
	MOVD	(R4), R5
	CBZ	R5, wait
	DMB	$15
	MOVD	8(R4), R0
start:
	// A reset leaves much of EL2 unknown, UEFI has TGE set, a Linux kernel that starts another one E2H: everything that traps does.
	MRS	ID_AA64MMFR1_EL1, R2
	UBFX	$8, R2, $1, R2		// FEAT_VHE
	MOVD	$(1<<27 | 7<<3), R1
	ORR	R2<<34, R1
	WORD	$0xd51c1101	// msr hcr_el2, x1
	MOVD	$-1, R1
	WORD	$0xd51c1141	// msr cptr_el2, x1
	MOVD	$(15<<8), R1
	WORD	$0xd51c1121	// msr mdcr_el2, x1
	MOVD	$(7<<10), R1
	WORD	$0xd51ccb01	// msr ich_hcr_el2, x1
	WORD	$0xd51ce11f	// msr cnthctl_el2, xzr
	MOVD	$EL2, R1
	WORD	$0xd51e4001	// msr spsr_el3, x1
	WORD	$0xd51e4025	// msr elr_el3, x5
	ERET

call:
	MOVD	$CPU_ON, R4
	CMPW	R4, R0
	BEQ	on
	MOVD	$1, R6
	MOVD	$SYSTEM_OFF, R4
	CMPW	R4, R0
	BEQ	power
	MOVD	$2, R6
	MOVD	$SYSTEM_RESET, R4
	CMPW	R4, R0
	BEQ	power
	MOVD	$-1, R0		// not supported
	ERET
on:
	AND	$0xff, R1
	MOVD	$MAILBOXES, R4
	ADD	R1<<4, R4
	MOVD	R3, 8(R4)
	DMB	$15
	MOVD	R2, (R4)
	DSB	$15
	SEV
	MOVD	ZR, R0
	ERET
power:
	MOVD	$POWER, R4
	MOVD	$3, R5
	MOVW	R5, 0x400(R4)	// GPIODIR
	MOVW	R6, 0xc(R4)	// GPIODATA, both pins
	JMP	0(PC)

	PCALIGN	$2048		// VECTORS (Arm ARM, D1.4.1.3): of this level
	JMP	0(PC)
	PCALIGN	$1024		// of a lower one: a call, IRQ, FIQ, SError
	JMP	call
	PCALIGN	$128
	JMP	0(PC)
	PCALIGN	$128
	JMP	0(PC)
	PCALIGN	$128
	JMP	0(PC)
