//go:build tamago && amd64

#include "textflag.h"

// func in8(port uint16) uint8
TEXT ·in8(SB),NOSPLIT,$0-9
	MOVW	port+0(FP), DX
	INB
	MOVB	AX, ret+8(FP)
	RET

// func in16(port uint16) uint16
TEXT ·in16(SB),NOSPLIT,$0-10
	MOVW	port+0(FP), DX
	INW
	MOVW	AX, ret+8(FP)
	RET

// func in32(port uint16) uint32
TEXT ·in32(SB),NOSPLIT,$0-12
	MOVW	port+0(FP), DX
	INL
	MOVL	AX, ret+8(FP)
	RET

// func out8(port uint16, v uint8)
TEXT ·out8(SB),NOSPLIT,$0-3
	MOVW	port+0(FP), DX
	MOVB	v+2(FP), AX
	OUTB
	RET

// func out16(port uint16, v uint16)
TEXT ·out16(SB),NOSPLIT,$0-4
	MOVW	port+0(FP), DX
	MOVW	v+2(FP), AX
	OUTW
	RET

// func out32(port uint16, v uint32)
TEXT ·out32(SB),NOSPLIT,$0-8
	MOVW	port+0(FP), DX
	MOVL	v+4(FP), AX
	OUTL
	RET

// func loadByAX(addr uintptr) uint32
TEXT ·loadByAX(SB),NOSPLIT,$0-12
	MOVQ	addr+0(FP), BX
	MOVL	(BX), AX
	MOVL	AX, ret+8(FP)
	RET

// func storeByAX(addr uintptr, v uint32)
TEXT ·storeByAX(SB),NOSPLIT,$0-12
	MOVQ	addr+0(FP), BX
	MOVL	v+8(FP), AX
	MOVL	AX, (BX)
	RET

// func tsc() uint64
TEXT ·tsc(SB),NOSPLIT,$0-8
	RDTSC
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+0(FP)
	RET

// func tscInPlace() uint64
// RDTSC by itself may be executed before loads that stand before it (Intel SDM volume 2, RDTSC); LFENCE alone does not keep it in
// its place on all of AMD's processors.
TEXT ·tscInPlace(SB),NOSPLIT,$0-8
	MFENCE
	LFENCE
	RDTSC
	LFENCE
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+0(FP)
	RET

// func cpuid(leaf, subleaf uint32) (a, b, c, d uint32)
TEXT ·cpuid(SB),NOSPLIT,$0-24
	MOVL	leaf+0(FP), AX
	MOVL	subleaf+4(FP), CX
	CPUID
	MOVL	AX, a+8(FP)
	MOVL	BX, b+12(FP)
	MOVL	CX, c+16(FP)
	MOVL	DX, d+20(FP)
	RET

// func readMSR(n uint32) uint64
TEXT ·readMSR(SB),NOSPLIT,$0-16
	MOVL	n+0(FP), CX
	RDMSR
	SHLQ	$32, DX
	ORQ	DX, AX
	MOVQ	AX, ret+8(FP)
	RET

// func writeMSR(n uint32, v uint64)
// What was stored before is seen before: a write to the x2APIC does not wait for it (Intel SDM volume 3, 11.12.3).
TEXT ·writeMSR(SB),NOSPLIT,$0-16
	MFENCE
	LFENCE
	MOVL	n+0(FP), CX
	MOVL	v+8(FP), AX
	MOVL	v+12(FP), DX
	WRMSR
	RET

// func wait()
TEXT ·wait(SB),NOSPLIT,$0
	STI
	HLT
	CLI
	RET

// func stop()
TEXT ·stop(SB),NOSPLIT,$0
	CLI
	HLT
	JMP	-2(PC)

// func writeBack()
TEXT ·writeBack(SB),NOSPLIT,$0
	WBINVD
	RET

// func tripleFault()
// An exception without an interrupt descriptor table.
TEXT ·tripleFault(SB),NOSPLIT,$16
	MOVQ	$0, 0(SP)
	MOVQ	$0, 8(SP)
	LIDT	0(SP)
	INT	$3
	RET

// func hasRDRAND() bool
// CPUID leaf 1, ECX bit 30 (Intel SDM volume 2, CPUID).
TEXT ·hasRDRAND(SB),NOSPLIT,$0-1
	MOVL	$1, AX
	CPUID
	SHRL	$30, CX
	ANDL	$1, CX
	MOVB	CX, ret+0(FP)
	RET

// func hasHypervisor() bool
// CPUID leaf 1, ECX bit 31: never set by a processor, for hypervisors to use (AMD APM volume 3, appendix E.3.2).
TEXT ·hasHypervisor(SB),NOSPLIT,$0-1
	MOVL	$1, AX
	CPUID
	SHRL	$31, CX
	MOVB	CX, ret+0(FP)
	RET

// func rdrand() (v uint64, ok bool)
TEXT ·rdrand(SB),NOSPLIT,$0-9
	RDRANDQ	AX
	SETCS	ok+8(FP)
	MOVQ	AX, v+0(FP)
	RET

// func relax()
TEXT ·relax(SB),NOSPLIT,$0-0
	PAUSE
	RET

// func Relax()
// PAUSE thirty-two times (Intel SDM volume 2): on an emulator and under a hypervisor it is the moment for others.
TEXT ·Relax(SB),NOSPLIT,$0-0
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	PAUSE
	RET
