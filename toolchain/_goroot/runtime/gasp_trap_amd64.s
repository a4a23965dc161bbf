// CPU exceptions and interrupts: descriptor tables and entry points.

#include "go_asm.h"
#include "go_tls.h"
#include "textflag.h"

// A field of the gaspCPUArch in a gaspCPU.
#define ARCH(FIELD) (gaspCPU_gaspCPUArch+FIELD)

#define MSR_FS_BASE	0xc0000100
#define MSR_MCG_STATUS	0x17a
#define KERNEL_CODE	0x08
#define KERNEL_DATA	0x10

// FS base; clobbers AX, CX and DX.
#define SETTLS(TLS) \
	MOVL	$MSR_FS_BASE, CX; \
	MOVQ	TLS, AX; \
	MOVQ	AX, DX; \
	SHRQ	$32, DX; \
	WRMSR

// Goes on only on the processor that is the first to die; another one stops here
// for good. Clobbers AX and CX.
#define CLAIM \
	MOVL	gaspCPU_number(GS), CX; \
	INCL	CX; \
	XORL	AX, AX; \
	LOCK; \
	CMPXCHGL CX, runtime·gaspDyingCPU(SB); \
	JEQ	4(PC); \
	CMPL	AX, CX; \
	JEQ	2(PC); \
	JMP	gaspLate<>(SB)

// Pops the frame of an exception into a gaspRegisters of the processor's, with all registers. All
// but BX can be used then, which points to it.
#define SAVE(FIELD) \
	PUSHQ	BX; \
	MOVQ	gaspCPU_self(GS), BX; \
	LEAQ	FIELD(BX), BX; \
	MOVQ	AX, (gaspRegisters_regs+0)(BX); \
	POPQ	(gaspRegisters_regs+8)(BX); \
	MOVQ	CX, (gaspRegisters_regs+16)(BX); \
	MOVQ	DX, (gaspRegisters_regs+24)(BX); \
	MOVQ	SI, (gaspRegisters_regs+32)(BX); \
	MOVQ	DI, (gaspRegisters_regs+40)(BX); \
	MOVQ	BP, (gaspRegisters_regs+48)(BX); \
	MOVQ	R8, (gaspRegisters_regs+64)(BX); \
	MOVQ	R9, (gaspRegisters_regs+72)(BX); \
	MOVQ	R10, (gaspRegisters_regs+80)(BX); \
	MOVQ	R11, (gaspRegisters_regs+88)(BX); \
	MOVQ	R12, (gaspRegisters_regs+96)(BX); \
	MOVQ	R13, (gaspRegisters_regs+104)(BX); \
	MOVQ	R14, (gaspRegisters_regs+112)(BX); \
	MOVQ	R15, (gaspRegisters_regs+120)(BX); \
	POPQ	gaspRegisters_vector(BX); \
	POPQ	gaspRegisters_errcode(BX); \
	POPQ	gaspRegisters_pc(BX); \
	ADDQ	$8, SP; \
	POPQ	(gaspRegisters_regs+128)(BX); \
	POPQ	(gaspRegisters_regs+56)(BX); \
	MOVQ	CR2, AX; \
	MOVQ	AX, gaspRegisters_addr(BX); \
	MOVL	$MSR_FS_BASE, CX; \
	RDMSR; \
	SHLQ	$32, DX; \
	ORQ	DX, AX; \
	MOVQ	AX, gaspRegisters_fs(BX); \
	MOVBLZX	gaspCPU_inKernel(GS), AX; \
	MOVQ	AX, gaspRegisters_kernel(BX); \
	CLD

// Makes and loads the interrupt descriptor table, for the first processor. On its
// boot stack.
TEXT runtime·gaspMakeGates(SB),NOSPLIT|NOFRAME,$0
	// Calling Go takes a TLS to read g from; there is none before the runtime's.
	SETTLS($runtime·gaspCrashTLS+8(SB))
	MOVQ	$runtime·gaspDescriptors+4095(SB), BX
	ANDQ	$~4095, BX
	SUBQ	$16, SP
	MOVQ	BX, 0(SP)
	CALL	runtime·gaspGates(SB)
	ADDQ	$16, SP
	JMP	runtime·gaspLoadGates(SB)

TEXT runtime·gaspLoadGates(SB),NOSPLIT|NOFRAME,$0
	MOVQ	$runtime·gaspDescriptors+4095(SB), BX
	ANDQ	$~4095, BX
	SUBQ	$16, SP
	MOVW	$4095, 0(SP)
	MOVQ	BX, 2(SP)
	LIDT	(SP)
	ADDQ	$16, SP
	RET

// func gaspVectorPC(i uintptr) uintptr
TEXT runtime·gaspVectorPC(SB),NOSPLIT,$0-16
	MOVQ	$gaspVectors<>(SB), AX
	MOVQ	i+0(FP), CX
	SHLQ	$4, CX
	ADDQ	CX, AX
	MOVQ	AX, ret+8(FP)
	RET

// Where every vector ends up. The stack is the vector's interrupt stack: vector,
// error code (0 where the CPU pushes none), RIP, CS, RFLAGS, RSP, SS.
TEXT gaspTrap<>(SB),NOSPLIT|NOFRAME,$0
	CLTS			// no exception is to come from saving what the program cannot use
	CMPQ	0(SP), $2
	JEQ	nmi
	CMPB	gaspCPU_inKernel(GS), $0
	JNE	inkernel
	CMPQ	0(SP), $8
	JEQ	fatal
	CMPQ	0(SP), $18
	JEQ	fatal
	PUSHQ	R11
	MOVQ	gaspCPU_cur(GS), R11
	MOVQ	AX, gaspContext_ax(R11)
	MOVQ	BX, gaspContext_bx(R11)
	MOVQ	CX, gaspContext_cx(R11)
	MOVQ	DX, gaspContext_dx(R11)
	MOVQ	SI, gaspContext_si(R11)
	MOVQ	DI, gaspContext_di(R11)
	MOVQ	BP, gaspContext_bp(R11)
	MOVQ	R8, gaspContext_r8(R11)
	MOVQ	R9, gaspContext_r9(R11)
	MOVQ	R10, gaspContext_r10(R11)
	MOVQ	R12, gaspContext_r12(R11)
	MOVQ	R13, gaspContext_r13(R11)
	MOVQ	R14, gaspContext_r14(R11)
	MOVQ	R15, gaspContext_r15(R11)
	POPQ	gaspContext_r11(R11)
	POPQ	gaspContext_vector(R11)
	POPQ	gaspContext_errcode(R11)
	POPQ	gaspContext_pc(R11)
	ADDQ	$8, SP
	POPQ	gaspContext_flags(R11)
	POPQ	gaspContext_sp(R11)
	MOVQ	CR2, AX
	MOVQ	AX, gaspContext_cr2(R11)
	MOVQ	gaspContext_fx(R11), CX
	CALL	runtime·gaspKeepFX(SB)
	MOVQ	$runtime·gaspTrapped(SB), AX
	JMP	runtime·gaspEnter(SB)
inkernel:
	CMPQ	0(SP), $32
	JCS	fatal
	// An interrupt while the kernel idles: it looks when it goes on.
	PUSHQ	AX
	MOVQ	8(SP), AX
	CMPQ	AX, $const_gaspVecSpurious
	JEQ	spurious
	SUBQ	$const_gaspIRQ0, AX
	CMPQ	AX, $63
	JLS	kept
	MOVL	$63, AX		// nobody's: any other one stands for its end
kept:
	PUSHQ	BX
	MOVQ	gaspCPU_self(GS), BX
	BTSQ	AX, ARCH(gaspCPUArch_irqs)(BX)
	POPQ	BX
spurious:
	POPQ	AX
	ADDQ	$16, SP
	IRETQ
fatal:	// nothing to go back to
	SAVE(gaspCPU_fault)
	CMPQ	gaspRegisters_vector(BX), $const_gaspVecMachineCheck
	JNE	die
	// A second machine check while the first one is marked in progress (IA32_MCG_STATUS.MCIP, Intel SDM volume 3,
	// 16.3.1.2) would reset the machine. Most come to all processors: those that stop here take the next one, too.
	MOVL	$MSR_MCG_STATUS, CX
	XORL	AX, AX
	XORL	DX, DX
	WRMSR
die:
	MOVQ	$runtime·gaspFatalTrap(SB), AX
	JMP	gaspCrash<>(SB)
nmi:	// it may have come anywhere, here too, and mostly it goes on there
	SAVE(gaspCPU_nmiRegs)
	MOVQ	ARCH(gaspCPUArch_nmiFX)(GS), CX
	CALL	runtime·gaspKeepFX(SB)
	MOVQ	$runtime·gaspNMI(SB), BX
	JMP	gaspNMIStack<>(SB)

// Runs the ABI0 function BX on the NMI's stack, then goes back to what the NMI
// interrupted.
TEXT gaspNMIStack<>(SB),NOSPLIT|NOFRAME,$0
	MOVB	$1, gaspCPU_inKernel(GS)
	MOVQ	gaspCPU_self(GS), R15
	LEAQ	(ARCH(gaspCPUArch_nmiTLS)+8)(R15), SI
	SETTLS(SI)
	LEAQ	gaspCPU_nmiG(R15), AX
	get_tls(CX)
	MOVQ	AX, g(CX)
	LEAQ	(gaspCPU_istNMI+const_gaspStackSize-64)(R15), SP
	ANDQ	$~15, SP
	XORL	BP, BP
	CALL	BX
	MOVQ	gaspCPU_self(GS), R15
	MOVQ	ARCH(gaspCPUArch_nmiFX)(R15), CX
	CALL	runtime·gaspLoadFX(SB)
	LEAQ	gaspCPU_nmiRegs(R15), BX
	SETTLS(gaspRegisters_fs(BX))
	MOVQ	gaspRegisters_kernel(BX), AX
	MOVB	AX, gaspCPU_inKernel(R15)
	LEAQ	(gaspCPU_istNMI+const_gaspStackSize-64)(R15), SP
	ANDQ	$~15, SP
	PUSHQ	$KERNEL_DATA
	PUSHQ	(gaspRegisters_regs+56)(BX)
	PUSHQ	(gaspRegisters_regs+128)(BX)
	PUSHQ	$KERNEL_CODE
	PUSHQ	gaspRegisters_pc(BX)
	MOVQ	(gaspRegisters_regs+0)(BX), AX
	MOVQ	(gaspRegisters_regs+16)(BX), CX
	MOVQ	(gaspRegisters_regs+24)(BX), DX
	MOVQ	(gaspRegisters_regs+32)(BX), SI
	MOVQ	(gaspRegisters_regs+40)(BX), DI
	MOVQ	(gaspRegisters_regs+48)(BX), BP
	MOVQ	(gaspRegisters_regs+64)(BX), R8
	MOVQ	(gaspRegisters_regs+72)(BX), R9
	MOVQ	(gaspRegisters_regs+80)(BX), R10
	MOVQ	(gaspRegisters_regs+88)(BX), R11
	MOVQ	(gaspRegisters_regs+96)(BX), R12
	MOVQ	(gaspRegisters_regs+104)(BX), R13
	MOVQ	(gaspRegisters_regs+112)(BX), R14
	MOVQ	(gaspRegisters_regs+120)(BX), R15
	MOVQ	(gaspRegisters_regs+8)(BX), BX
	IRETQ

// func gaspAsideAgain()
// Goes on with a report on demand, on its own stack emptied.
TEXT runtime·gaspAsideAgain(SB),NOSPLIT|NOFRAME,$0
	MOVQ	$runtime·gaspAsideReport(SB), BX
	JMP	gaspNMIStack<>(SB)

// func gaspDying(kind uintptr, text string)
TEXT runtime·gaspDying(SB),NOSPLIT|NOFRAME,$0-24
	CLI
	CLAIM
	MOVQ	$runtime·gaspAnnounced(SB), BX
	MOVQ	8(SP), AX
	MOVQ	AX, 0(BX)
	MOVQ	0(SP), AX
	MOVQ	AX, 8(BX)
	LEAQ	8(SP), AX
	MOVQ	AX, 16(BX)
	MOVQ	BP, 24(BX)
	MOVQ	16(SP), AX
	MOVQ	AX, 32(BX)
	MOVQ	24(SP), AX
	MOVQ	AX, 40(BX)
	get_tls(CX)
	MOVQ	g(CX), AX
	MOVQ	AX, 48(BX)
	MOVBLZX	gaspCPU_inKernel(GS), AX
	MOVQ	AX, 56(BX)
	MOVQ	$runtime·gaspLast(SB), AX
	JMP	gaspCrash<>(SB)

// func gaspOnCrashStack()
TEXT runtime·gaspOnCrashStack(SB),NOSPLIT|NOFRAME,$0
	MOVQ	$runtime·gaspReport(SB), AX
	JMP	gaspCrash<>(SB)

// func gaspCrashTrap()
TEXT runtime·gaspCrashTrap(SB),NOSPLIT|NOFRAME,$0
	MOVQ	$runtime·gaspFatalTrap(SB), AX
	JMP	gaspCrash<>(SB)

// Runs the ABI0 function AX on the crash stack for good, with the g and the TLS
// that belong to it: those of the context that died may be what is broken. The
// IRETQ lets NMIs in again if it was one that led here; but not in a report on demand,
// which goes on behind its faults: another one would take the place of the registers
// that it has to go back to.
TEXT gaspCrash<>(SB),NOSPLIT|NOFRAME,$0
	MOVQ	AX, BX
	CLAIM
	MOVB	$1, gaspCPU_inKernel(GS)
	SETTLS($runtime·gaspCrashTLS+8(SB))
	MOVQ	AX, ARCH(gaspCPUArch_fs)(GS)
	MOVQ	$runtime·gaspCrashG(SB), AX
	get_tls(CX)
	MOVQ	AX, g(CX)
	MOVQ	$runtime·gaspCrashStack+65472(SB), SP
	ANDQ	$~15, SP
	XORL	BP, BP
	MOVL	gaspCPU_number(GS), CX
	INCL	CX
	CMPL	CX, runtime·gaspAside(SB)
	JEQ	aside
	MOVQ	SP, CX
	MOVQ	$gaspCrashOn<>(SB), AX
	PUSHQ	$KERNEL_DATA
	PUSHQ	CX
	PUSHQ	$2		// RFLAGS: interrupts off
	PUSHQ	$KERNEL_CODE
	PUSHQ	AX
	IRETQ
aside:
	JMP	gaspCrashOn<>(SB)

// func gaspClaim()
// Returns only on the processor that is the first to die.
TEXT runtime·gaspClaim(SB),NOSPLIT,$0
	CLAIM
	RET

// A processor that dies while another one does: it is stopped, where it says.
TEXT gaspLate<>(SB),NOSPLIT|NOFRAME,$0
	CLI
	MOVB	$1, gaspCPU_inKernel(GS)
	MOVB	$1, gaspCPU_stopped(GS)
	JMP	runtime·gaspHalt(SB)

TEXT gaspCrashOn<>(SB),NOSPLIT|NOFRAME,$0
	CALL	BX
	JMP	runtime·gaspHalt(SB)

// func gaspDisarmBreakpoints()
// Clears from DR7 the enable bits of the breakpoints that DR6 says were hit
// (Intel SDM volume 3, 17.2).
TEXT runtime·gaspDisarmBreakpoints(SB),NOSPLIT|NOFRAME,$0
	MOVQ	DR6, AX
	MOVQ	DR7, DX
	MOVQ	$3, BX		// L0 and G0
	MOVL	$4, CX
hit:
	BTL	$0, AX
	JCC	nothit
	MOVQ	BX, SI
	NOTQ	SI
	ANDQ	SI, DX
nothit:
	SHRQ	$1, AX
	SHLQ	$2, BX
	SUBL	$1, CX
	JNE	hit
	MOVQ	DX, DR7
	XORL	AX, AX
	MOVQ	AX, DR6
	RET

// 16 bytes a vector: an error code where the CPU pushes none, the vector, and on.
#define NOERR(n) BYTE $0x6a; BYTE $0; BYTE $0x68; LONG $n; JMP gaspTrap<>(SB); LONG $0x90909090
#define ERR(n) BYTE $0x90; BYTE $0x90; BYTE $0x68; LONG $n; JMP gaspTrap<>(SB); LONG $0x90909090

TEXT gaspVectors<>(SB),NOSPLIT|NOFRAME,$0
	NOERR(0)
	NOERR(1)
	NOERR(2)
	NOERR(3)
	NOERR(4)
	NOERR(5)
	NOERR(6)
	NOERR(7)
	ERR(8)
	NOERR(9)
	ERR(10)
	ERR(11)
	ERR(12)
	ERR(13)
	ERR(14)
	NOERR(15)
	NOERR(16)
	ERR(17)
	NOERR(18)
	NOERR(19)
	NOERR(20)
	ERR(21)
	NOERR(22)
	NOERR(23)
	NOERR(24)
	NOERR(25)
	NOERR(26)
	NOERR(27)
	NOERR(28)
	ERR(29)
	ERR(30)
	NOERR(31)
	NOERR(32)
	NOERR(33)
	NOERR(34)
	NOERR(35)
	NOERR(36)
	NOERR(37)
	NOERR(38)
	NOERR(39)
	NOERR(40)
	NOERR(41)
	NOERR(42)
	NOERR(43)
	NOERR(44)
	NOERR(45)
	NOERR(46)
	NOERR(47)
	NOERR(48)
	NOERR(49)
	NOERR(50)
	NOERR(51)
	NOERR(52)
	NOERR(53)
	NOERR(54)
	NOERR(55)
	NOERR(56)
	NOERR(57)
	NOERR(58)
	NOERR(59)
	NOERR(60)
	NOERR(61)
	NOERR(62)
	NOERR(63)
	NOERR(64)
	NOERR(65)
	NOERR(66)
	NOERR(67)
	NOERR(68)
	NOERR(69)
	NOERR(70)
	NOERR(71)
	NOERR(72)
	NOERR(73)
	NOERR(74)
	NOERR(75)
	NOERR(76)
	NOERR(77)
	NOERR(78)
	NOERR(79)
	NOERR(80)
	NOERR(81)
	NOERR(82)
	NOERR(83)
	NOERR(84)
	NOERR(85)
	NOERR(86)
	NOERR(87)
	NOERR(88)
	NOERR(89)
	NOERR(90)
	NOERR(91)
	NOERR(92)
	NOERR(93)
	NOERR(94)
	NOERR(95)
	NOERR(96)
	NOERR(97)
	NOERR(98)
	NOERR(99)
	NOERR(100)
	NOERR(101)
	NOERR(102)
	NOERR(103)
	NOERR(104)
	NOERR(105)
	NOERR(106)
	NOERR(107)
	NOERR(108)
	NOERR(109)
	NOERR(110)
	NOERR(111)
	NOERR(112)
	NOERR(113)
	NOERR(114)
	NOERR(115)
	NOERR(116)
	NOERR(117)
	NOERR(118)
	NOERR(119)
	NOERR(120)
	NOERR(121)
	NOERR(122)
	NOERR(123)
	NOERR(124)
	NOERR(125)
	NOERR(126)
	NOERR(127)
	NOERR(128)
	NOERR(129)
	NOERR(130)
	NOERR(131)
	NOERR(132)
	NOERR(133)
	NOERR(134)
	NOERR(135)
	NOERR(136)
	NOERR(137)
	NOERR(138)
	NOERR(139)
	NOERR(140)
	NOERR(141)
	NOERR(142)
	NOERR(143)
	NOERR(144)
	NOERR(145)
	NOERR(146)
	NOERR(147)
	NOERR(148)
	NOERR(149)
	NOERR(150)
	NOERR(151)
	NOERR(152)
	NOERR(153)
	NOERR(154)
	NOERR(155)
	NOERR(156)
	NOERR(157)
	NOERR(158)
	NOERR(159)
	NOERR(160)
	NOERR(161)
	NOERR(162)
	NOERR(163)
	NOERR(164)
	NOERR(165)
	NOERR(166)
	NOERR(167)
	NOERR(168)
	NOERR(169)
	NOERR(170)
	NOERR(171)
	NOERR(172)
	NOERR(173)
	NOERR(174)
	NOERR(175)
	NOERR(176)
	NOERR(177)
	NOERR(178)
	NOERR(179)
	NOERR(180)
	NOERR(181)
	NOERR(182)
	NOERR(183)
	NOERR(184)
	NOERR(185)
	NOERR(186)
	NOERR(187)
	NOERR(188)
	NOERR(189)
	NOERR(190)
	NOERR(191)
	NOERR(192)
	NOERR(193)
	NOERR(194)
	NOERR(195)
	NOERR(196)
	NOERR(197)
	NOERR(198)
	NOERR(199)
	NOERR(200)
	NOERR(201)
	NOERR(202)
	NOERR(203)
	NOERR(204)
	NOERR(205)
	NOERR(206)
	NOERR(207)
	NOERR(208)
	NOERR(209)
	NOERR(210)
	NOERR(211)
	NOERR(212)
	NOERR(213)
	NOERR(214)
	NOERR(215)
	NOERR(216)
	NOERR(217)
	NOERR(218)
	NOERR(219)
	NOERR(220)
	NOERR(221)
	NOERR(222)
	NOERR(223)
	NOERR(224)
	NOERR(225)
	NOERR(226)
	NOERR(227)
	NOERR(228)
	NOERR(229)
	NOERR(230)
	NOERR(231)
	NOERR(232)
	NOERR(233)
	NOERR(234)
	NOERR(235)
	NOERR(236)
	NOERR(237)
	NOERR(238)
	NOERR(239)
	NOERR(240)
	NOERR(241)
	NOERR(242)
	NOERR(243)
	NOERR(244)
	NOERR(245)
	NOERR(246)
	NOERR(247)
	NOERR(248)
	NOERR(249)
	NOERR(250)
	NOERR(251)
	NOERR(252)
	NOERR(253)
	NOERR(254)
	NOERR(255)
