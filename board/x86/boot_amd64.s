//go:build tamago && amd64

#include "go_asm.h"
#include "textflag.h"

// The image is linked for an address that no physical memory has, and mapped there (memory.go). Where it lies, its place, is a
// multiple of 2 MiB below 4 GiB, and up to the loader; nothing else is written to before the memory map is known. What the
// processor needs at first is in ·bootRoom, from its first page boundary on:
#define PML4		0x0000
#define PDPT		0x1000
#define PD		0x2000	// four tables: 4 GiB in 2 MiB pages
#define PT		0x6000	// the first 2 MiB in 4 KiB pages
#define IMAGE_PDPT	0x7000
#define IMAGE_PD	0x8000
#define GDT		0x9000	// const_bootTablesSize
#define GDTPTR		0x9020
#define INFO		0x9030	// EBX, EAX and time stamp counter at entry
#define LOADER		0x9034
#define ENTERED		0x9038
#define STACK		0xa000	// const_bootSize
#define HEADER		0x1000	// the ELF header is in front of the code

// Entries of the tables that lead to the image.
#define IN_PML4		(8*(const_imageStart>>39))
#define IN_PDPT		(8*((const_imageStart>>30)&511))
#define IN_PD		(8*((const_imageStart>>21)&511))

#define PRESENT_RW	0x003
#define LARGE_RW	0x083
#define LARGE_RW_UC	0x093
#define LARGE		0x200000

// what the runtime needs at the least beside the image
#define LEAST_HEAP	0x1000000

#define COM1		0x3f8
#define LSR		5	// line status, and in it: there is room for a character (serial.go)
#define THRE		0x20
#define TOO_SMALL	55	// bytes of what is said
#define WRONG_PLACE		56

#define MSR_EFER	0xc0000080
#define MEMMAP_RAM	1
#define START_MAGIC	0x336ec578
#define MULTIBOOT_MAGIC	0x36d76289

// Makes REG the address of SYMBOL where this runs; it takes a stack, and changes CX. 7 bytes are from where CALL returns to to the
// end of LEAL, which has in 32-bit mode the distance from there.
#define ADDRESS(SYMBOL, REG) \
	BYTE	$0xe8; LONG $0; \	// CALL to the next instruction
	POPQ	REG; \
	LEAL	SYMBOL(SB), CX; \
	LEAL	7(REG)(CX*1), REG

// Entered from the PVH boot protocol (Xen docs/misc/pvh.pandoc): 32-bit
// protected mode, no paging, EBX = start_info; or from a loader of the Multiboot2 protocol
// (Multiboot2 Specification 2.0, 3.3), with EAX = its magic, EBX = boot information; or from the stub for UEFI, with EBX = memory
// that is neither. The instructions up to the far return must mean the same in 32-bit and in 64-bit mode.
TEXT cpuinit(SB),NOSPLIT|NOFRAME,$0
	CLI
	CLD
	MOVL	AX, SI
	RDTSC
	MOVL	AX, BP

	// 1. Where does it run? No stack is known, so the first word of what EBX leads to is lent for one.
	MOVL	(BX), DI
	LEAL	4(BX), SP
	ADDRESS(runtime·end, AX)
	MOVL	BX, -16(AX)		// is there RAM for all of it?
	CMPL	BX, -16(AX)
	JNE	small_ram
	MOVL	$0, -16(AX)
	ADDRESS(·bootRoom+4095, AX)
	ANDL	$~4095, AX
	MOVL	DI, (BX)
	MOVL	BX, INFO(AX)
	MOVL	SI, LOADER(AX)
	MOVL	BP, ENTERED(AX)
	MOVL	DX, (ENTERED+4)(AX)
	MOVL	AX, BX
	LEAL	STACK(BX), SP
	ADDRESS(runtime·text, BP)
	SUBL	$HEADER, BP		// the place
	TESTL	$(LARGE-1), BP
	JNE	misplaced
#ifdef GOOS_tamago
	CMPL	BP, $const_linkedPlace	// memory.go
	JNE	misplaced
#endif

	// 2. Page tables: identity, and the image where it is linked for. 2 MiB pages; 1 GiB ones are not on every CPU. What
	// lies above 4 GiB, and the rights, follow in Go (freeram.go, paging.go).
	LEAL	(PDPT+PRESENT_RW)(BX), AX
	MOVL	AX, PML4(BX)
	LEAL	(IMAGE_PDPT+PRESENT_RW)(BX), AX
	MOVL	AX, (PML4+IN_PML4)(BX)
	LEAL	(IMAGE_PD+PRESENT_RW)(BX), AX
	MOVL	AX, (IMAGE_PDPT+IN_PDPT)(BX)
	LEAL	PDPT(BX), DI
	LEAL	(PD+PRESENT_RW)(BX), AX
	MOVL	$4, CX
pdpt:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$0x1000, AX
	SUBL	$1, CX
	JNE	pdpt

	LEAL	PD(BX), DI		// 0 - 3 GiB: write-back
	MOVL	$LARGE_RW, AX
	MOVL	$1536, CX
low:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$LARGE, AX
	SUBL	$1, CX
	JNE	low
	ORL	$LARGE_RW_UC, AX	// 3 - 4 GiB: devices, uncached
	MOVL	$512, CX
devices:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$LARGE, AX
	SUBL	$1, CX
	JNE	devices

	LEAL	PT(BX), DI
	MOVL	$PRESENT_RW, AX
	MOVL	$512, CX
small:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$0x1000, AX
	SUBL	$1, CX
	JNE	small
	LEAL	(PT+PRESENT_RW)(BX), AX
	MOVL	AX, PD(BX)

	ADDRESS(runtime·end, AX)	// the image: write-back
	SUBL	BP, AX
	ADDL	$(LARGE-1), AX
	SHRL	$21, AX
	MOVL	AX, CX
	MOVL	BP, DI
	SHRL	$21, DI
	LEAL	PD(BX)(DI*8), DI
	LEAL	(IMAGE_PD+IN_PD)(BX), SI
	LEAL	LARGE_RW(BP), AX
image:
	MOVL	AX, (DI)
	MOVL	AX, (SI)
	ADDL	$8, DI
	ADDL	$8, SI
	ADDL	$LARGE, AX
	SUBL	$1, CX
	JNE	image

	// 3. A flat code and data segment.
	MOVL	$0x00209a00, (GDT+12)(BX)
	MOVL	$0x00009200, (GDT+20)(BX)
	MOVW	$23, GDTPTR(BX)		// 16 bits of limit, then the base
	LEAL	GDT(BX), AX
	MOVL	AX, (GDTPTR+2)(BX)

	// 4. Long mode (AMD64 APM volume 2, 14.6).
	LEAL	PML4(BX), AX
	MOVL	AX, CR3
	MOVL	$0xa0, AX		// PGE, PAE
	MOVL	AX, CR4
	MOVL	$MSR_EFER, CX
	RDMSR
	ORL	$0x100, AX		// LME
	WRMSR
	MOVL	CR0, AX
	ORL	$0x80000001, AX		// PG, PE
	MOVL	AX, CR0
	LGDT	GDTPTR(BX)
	ADDRESS(·start64<>, AX)
	PUSHQ	$8
	PUSHQ	AX
	RETFQ

small_ram:	// nothing works yet: say it on COM1 and stop
	ADDRESS(·tooSmall<>, AX)
	MOVL	AX, SI
	MOVL	$TOO_SMALL, CX
	JMP	say
misplaced:
	ADDRESS(·wrongPlace<>, AX)
	MOVL	AX, SI
	MOVL	$WRONG_PLACE, CX
say:
	JMP	·say<>(SB)

// 64-bit mode, where the image lies. BX = boot tables.
TEXT ·start64<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	BX, BX			// the upper half may be anything
	MOVL	$0x10, AX
	BYTE $0x8e; BYTE $0xd0		// MOVW AX, SS
	BYTE $0x8e; BYTE $0xd8		// MOVW AX, DS
	BYTE $0x8e; BYTE $0xc0		// MOVW AX, ES
	LEAQ	runtime·text(SB), R8
	SUBQ	$HEADER, R8		// the place
	MOVQ	·linked<>(SB), AX
	JMP	AX

DATA	·linked<>+0(SB)/8, $·mapped<>(SB)
GLOBL	·linked<>(SB),RODATA,$8

// Where it is linked for, from here on.
TEXT ·mapped<>(SB),NOSPLIT|NOFRAME,$0
	MOVQ	R8, ·place(SB)
	MOVQ	$const_imageStart, R9
	SUBQ	R8, R9
	LEAQ	(BX)(R9*1), R11		// boot tables
	LEAQ	STACK(R11), SP
	LEAQ	GDT(R11), AX
	MOVQ	AX, (GDTPTR+2)(R11)
	LGDT	GDTPTR(R11)
	MOVQ	ENTERED(R11), AX
	MOVQ	AX, ·entered(SB)
	PUSHQ	$2			// flags, of which the protocols define two
	POPFQ

	// 5. SSE on; XSAVE stays off, so that nobody uses what is not saved. Write
	// protection and caches on; machine checks reported. What CR0 has at entry is undefined but for PE and PG (Multiboot2, 3.3).
	MOVQ	CR0, AX
	ANDQ	$~(1<<2|1<<3|1<<29|1<<30), AX	// EM, TS, NW, CD
	ORQ	$(1<<1|1<<5|1<<16), AX	// MP, NE, WP
	MOVQ	AX, CR0
	MOVQ	CR4, AX
	ORQ	$(1<<10|1<<9|1<<6), AX	// OSXMMEXCPT, OSFXSR, MCE
	MOVQ	AX, CR4

	// 6. What the loader left (xen/include/public/arch-x86/hvm/start_info.h) may
	// lie in page 0, and must not stay there: nil is to fault. The start_info, its
	// lists and the command line are copied (startinfo.go).
	MOVL	INFO(R11), BX
	MOVL	LOADER(R11), AX
	CMPL	AX, $MULTIBOOT_MAGIC
	JNE	pvh
	MOVL	(BX), CX		// its size
	CMPL	CX, $const_bootInformationSize
	JLS	whole
	MOVL	$const_bootInformationSize, CX
whole:
	MOVL	AX, ·loaderMagic(SB)
	MOVQ	BX, SI
	MOVQ	$·bootInformationCopy(SB), DI
	REP; MOVSB
	JMP	copied
pvh:
	CMPL	(BX), $START_MAGIC
	JNE	copied
	MOVQ	BX, SI
	MOVQ	$·startInfoCopy(SB), DI
	MOVL	$const_startInfoSize, CX
	REP; MOVSB
	MOVL	24(BX), SI
	MOVQ	$·commandLineCopy(SB), DI
	MOVL	$(const_maxCmdline-1), CX	// it ends in NUL
	CMPQ	SI, $0
	JEQ	nocmdline
	REP; MOVSB
nocmdline:
	MOVL	16(BX), SI
	MOVL	12(BX), CX
	CMPL	CX, $const_maxModules
	JHI	nomodules
	IMUL3L	$const_moduleSize, CX, CX
	MOVQ	$·moduleCopy(SB), DI
	MOVQ	DI, ·startInfoCopy+16(SB)
	REP; MOVSB
nomodules:
	CMPL	4(BX), $1		// a memory map from version 1 on
	JCS	copied
	MOVL	40(BX), SI
	MOVL	48(BX), AX
	CMPL	AX, $const_maxMapEntries
	JHI	copied
	IMUL3L	$const_mapEntrySize, AX, CX
	MOVQ	$·memoryMapCopy(SB), DI
	MOVQ	DI, ·startInfoCopy+40(SB)
	REP; MOVSB
#ifdef GOOS_tamago
	// RamSize becomes what the memory map says of the RAM that holds the place.
	MOVQ	$·memoryMapCopy(SB), SI
	MOVL	AX, CX
next:
	SUBL	$1, CX
	JCS	copied
	MOVQ	0(SI), AX
	MOVQ	8(SI), DX
	MOVL	16(SI), DI
	ADDQ	$24, SI
	CMPL	DI, $MEMMAP_RAM
	JNE	next
	CMPQ	AX, R8
	JHI	next
	ADDQ	DX, AX
	JCS	next
	LEAQ	LEAST_HEAP(R8), DX
	CMPQ	AX, DX
	JLS	next
	MOVL	$0xc0000000, DX		// no further than what is mapped write-back
	CMPQ	AX, DX
	JLS	below
	MOVQ	DX, AX
below:
	SUBQ	R8, AX
	MOVQ	AX, runtime∕goos·RamSize(SB)
#endif
copied:
	MOVL	$0, PT(R11)
	MOVQ	CR3, AX
	MOVQ	AX, CR3
#ifdef GOOS_tamago
	// Heap and stack lie behind the image, at their own addresses.
	MOVQ	R8, runtime∕goos·RamStart(SB)
	MOVQ	$runtime·end(SB), AX
	SUBQ	R9, AX
	LEAQ	0xffff(AX), DX
	ANDQ	$~0xffff, DX
	MOVQ	DX, runtime∕goos·Bloc(SB)
	ADDQ	$LEAST_HEAP, AX
	SUBQ	R8, AX
	CMPQ	AX, runtime∕goos·RamSize(SB)
	JHI	small
	MOVQ	R8, SP
	ADDQ	runtime∕goos·RamSize(SB), SP
	SUBQ	runtime∕goos·RamStackOffset(SB), SP
#endif

	// 7. The legacy interrupt controllers stay masked: IRQ 0 would arrive as
	// exception 8.
	MOVL	$0xff, AX
	MOVW	$0x21, DX
	OUTB
	MOVW	$0xa1, DX
	OUTB
	STI
	JMP	_rt0_tamago_start(SB)
#ifdef GOOS_tamago
small:
	JMP	·sayTooSmall(SB)
#endif

// func sayTooSmall()
TEXT ·sayTooSmall(SB),NOSPLIT,$0
	MOVQ	$·tooSmall<>(SB), SI
	MOVL	$TOO_SMALL, CX
	CLD
	JMP	·say<>(SB)

// Writes CX bytes at SI to COM1, each once there is room for it, and stops. Without a port there all bits read as one. The
// instructions mean the same in 32-bit and in 64-bit mode.
TEXT ·say<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	$(COM1+LSR), DX
	INB
	TESTB	$THRE, AX
	JEQ	-3(PC)
	MOVW	$COM1, DX
	LODSB
	OUTB
	SUBL	$1, CX
	JNE	-8(PC)
	CLI
	HLT
	JMP	-2(PC)

DATA	·tooSmall<>+0(SB)/8, $"gasp: th"
DATA	·tooSmall<>+8(SB)/8, $"e image "
DATA	·tooSmall<>+16(SB)/8, $"does not"
DATA	·tooSmall<>+24(SB)/8, $" fit int"
DATA	·tooSmall<>+32(SB)/8, $"o RAM: g"
DATA	·tooSmall<>+40(SB)/8, $"ive it 1"
DATA	·tooSmall<>+48(SB)/8, $"28 MB\r\n\x00"
GLOBL	·tooSmall<>(SB),RODATA,$56

DATA	·wrongPlace<>+0(SB)/8, $"gasp: th"
DATA	·wrongPlace<>+8(SB)/8, $"e image "
DATA	·wrongPlace<>+16(SB)/8, $"cannot l"
DATA	·wrongPlace<>+24(SB)/8, $"ie where"
DATA	·wrongPlace<>+32(SB)/8, $" the loa"
DATA	·wrongPlace<>+40(SB)/8, $"der has "
DATA	·wrongPlace<>+48(SB)/8, $"put it\r\n"
GLOBL	·wrongPlace<>(SB),RODATA,$56

// TamaGo's amd64 package defines this beside its own cpuinit, which the build
// tag linkcpuinit leaves out.
DATA	·gdt<>+0x00(SB)/8, $0x0000000000000000
DATA	·gdt<>+0x08(SB)/8, $0x00209a0000000000
DATA	·gdt<>+0x10(SB)/8, $0x0000920000000000
GLOBL	·gdt<>(SB),RODATA,$24
DATA	github·com∕usbarmory∕tamago∕amd64·gdtptr+0x00(SB)/2, $23
DATA	github·com∕usbarmory∕tamago∕amd64·gdtptr+0x02(SB)/8, $·gdt<>(SB)
GLOBL	github·com∕usbarmory∕tamago∕amd64·gdtptr(SB),RODATA,$10
