//go:build tamago && amd64

#include "textflag.h"

// RAM layout, from RamStart (memory.go): page tables, descriptor tables, the PVH
// pointer; the image itself starts at RamStart+0x10000.
#define RAM	0x2000000
#define PML4	(RAM+0x0000)
#define PDPT	(RAM+0x1000)
#define PD	(RAM+0x2000)	// four tables: 4 GiB in 2 MiB pages
#define PT	(RAM+0x6000)	// the first 2 MiB in 4 KiB pages
#define GDT	(RAM+0x9000)
#define GDTPTR	(RAM+0x9020)
#define PVH	(RAM+0x9040)
#define ENTERED	(RAM+0x9048)	// time stamp counter at entry (clock.go)
#define LOADER	(RAM+0x9050)	// EAX at entry (startinfo.go)
#define BOOTSP	(RAM+0xb000)
#define CMDLINE	(RAM+0xb000)	// copy of the command line
#define INFO	(RAM+0xc000)	// copy of start_info
#define MODULES	(RAM+0xc100)	// copy of its module list, entries of 32 bytes
#define MEMMAP	(RAM+0xc400)	// copy of its memory map, entries of 24 bytes
#define MULTIBOOT	(RAM+0xd000)	// copy of the boot information
#define MAX_MULTIBOOT	0x2000		// what there is room for before the image
#define MAX_MODULES	24
#define MAX_MEMMAP	128

#define PRESENT_RW	0x003
#define LARGE_RW	0x083
#define LARGE_RW_UC	0x093

// what the runtime needs at the least beside the image
#define LEAST_HEAP	0x1000000
#define TOO_SMALL	55

#define MSR_EFER	0xc0000080
#define MEMMAP_RAM	1
#define START_MAGIC	0x336ec578
#define MULTIBOOT_MAGIC	0x36d76289

// Entered from the PVH boot protocol (Xen docs/misc/pvh.pandoc): 32-bit
// protected mode, no paging, EBX = start_info; or from a loader of the Multiboot2 protocol
// (Multiboot2 Specification 2.0, 3.3), with EAX = its magic, EBX = boot information. The instructions up to the far
// return must mean the same in 32-bit and in 64-bit mode.
TEXT cpuinit(SB),NOSPLIT|NOFRAME,$0
	CLI
	CLD
	MOVL	AX, SI
	RDTSC
	MOVL	AX, BP
	MOVL	$BOOTSP, SP

	// 1. Page tables: identity. 2 MiB pages; 1 GiB ones are not on every CPU. What
	// lies above 4 GiB, and the rights, follow in Go (freeram.go, paging.go).
	XORL	AX, AX
	MOVL	$PML4, DI
	MOVL	$0xd000, CX
	REP;	STOSB
	MOVL	$PVH, DI
	MOVL	BX, (DI)
	MOVL	$ENTERED, DI
	MOVL	BP, (DI)
	MOVL	DX, 4(DI)
	MOVL	SI, 8(DI)		// LOADER
	MOVL	$PML4, DI
	MOVL	$(PDPT+PRESENT_RW), (DI)
	MOVL	$PDPT, DI
	MOVL	$(PD+PRESENT_RW), AX
	MOVL	$4, CX
pdpt:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$0x1000, AX
	SUBL	$1, CX
	JNE	pdpt

	MOVL	$PD, DI			// 0 - 3 GiB: write-back
	MOVL	$LARGE_RW, AX
	MOVL	$1536, CX
low:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$0x200000, AX
	SUBL	$1, CX
	JNE	low
	ORL	$LARGE_RW_UC, AX	// 3 - 4 GiB: devices, uncached
	MOVL	$512, CX
devices:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$0x200000, AX
	SUBL	$1, CX
	JNE	devices

	MOVL	$PT, DI
	MOVL	$PRESENT_RW, AX
	MOVL	$512, CX
small:
	MOVL	AX, (DI)
	ADDL	$8, DI
	ADDL	$0x1000, AX
	SUBL	$1, CX
	JNE	small
	MOVL	$PD, DI
	MOVL	$(PT+PRESENT_RW), (DI)

	// 2. A flat code and data segment.
	MOVL	$GDT, DI
	MOVL	$0x00209a00, 12(DI)
	MOVL	$0x00009200, 20(DI)
	MOVL	$GDT, AX		// GDTPTR: 16 bits of limit, 32 of base
	SHLL	$16, AX
	ORL	$23, AX
	MOVL	AX, 32(DI)
	MOVL	$(GDT>>16), 36(DI)

	// 3. Long mode (AMD64 APM volume 2, 14.6).
	MOVL	$PML4, AX
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
	MOVL	$GDTPTR, AX
	LGDT	(AX)

	BYTE	$0xe8; LONG $0		// CALL to the next instruction: its address
	POPQ	AX
	LEAL	·start64<>(SB), BX	// in 32-bit mode this is only the distance
	ADDL	BX, AX
	ADDL	$7, AX
	PUSHQ	$8
	PUSHQ	AX
	RETFQ

TEXT ·start64<>(SB),NOSPLIT|NOFRAME,$0
	MOVL	$0x10, AX
	BYTE $0x8e; BYTE $0xd0		// MOVW AX, SS
	BYTE $0x8e; BYTE $0xd8		// MOVW AX, DS
	BYTE $0x8e; BYTE $0xc0		// MOVW AX, ES

	// 4. SSE on; XSAVE stays off, so that nobody uses what is not saved. Write
	// protection on; machine checks reported.
	MOVQ	CR0, AX
	ANDQ	$~(1<<2), AX		// EM
	ORQ	$(1<<1|1<<5|1<<16), AX	// MP, NE, WP
	MOVQ	AX, CR0
	MOVQ	CR4, AX
	ORQ	$(1<<10|1<<9|1<<6), AX	// OSXMMEXCPT, OSFXSR, MCE
	MOVQ	AX, CR4

	// 5. What the loader left (xen/include/public/arch-x86/hvm/start_info.h) may
	// lie in page 0, and must not stay there: nil is to fault. The start_info, its
	// lists and the command line are copied; RamSize becomes what the memory map
	// says of the RAM that holds RamStart.
	MOVL	PVH, BX
	MOVL	LOADER, AX
	CMPL	AX, $MULTIBOOT_MAGIC
	JNE	pvh
	MOVL	$0, LOADER
	CMPQ	BX, $0
	JEQ	sized
	MOVL	(BX), CX		// its size
	CMPL	CX, $MAX_MULTIBOOT
	JHI	sized
	MOVL	AX, LOADER
	MOVQ	BX, SI
	MOVL	$MULTIBOOT, DI
	REP; MOVSB
	JMP	sized
pvh:
	CMPL	(BX), $START_MAGIC
	JNE	sized
	MOVL	$INFO, DI
	MOVQ	BX, SI
	MOVL	$56, CX
	REP; MOVSB
	MOVL	$CMDLINE, DI
	MOVL	24(BX), SI
	MOVL	$4095, CX		// the table area was zeroed: it ends in NUL
	CMPQ	SI, $0
	JEQ	nocmdline
	REP; MOVSB
nocmdline:
	MOVL	16(BX), SI
	MOVL	12(BX), CX
	CMPL	CX, $MAX_MODULES
	JHI	nomodules
	SHLL	$5, CX
	MOVL	$MODULES, DI
	MOVQ	DI, INFO+16
	REP; MOVSB
nomodules:
	CMPL	4(BX), $1		// a memory map from version 1 on
	JCS	sized
	MOVL	40(BX), SI
	MOVL	48(BX), AX
	CMPL	AX, $MAX_MEMMAP
	JHI	sized
	IMUL3L	$24, AX, CX
	MOVL	$MEMMAP, DI
	MOVQ	DI, INFO+40
	REP; MOVSB
	MOVL	$MEMMAP, SI
	MOVL	AX, CX
next:
	SUBL	$1, CX
	JCS	sized
	MOVQ	0(SI), AX
	MOVQ	8(SI), DX
	MOVL	16(SI), DI
	ADDQ	$24, SI
	CMPL	DI, $MEMMAP_RAM
	JNE	next
	CMPQ	AX, $RAM
	JHI	next
	ADDQ	DX, AX
	JCS	next
	CMPQ	AX, $(RAM+0x1000000)
	JLS	next
	MOVL	$0xc0000000, DX		// no further than what is mapped write-back
	CMPQ	AX, DX
	JLS	below
	MOVQ	DX, AX
below:
	SUBQ	$RAM, AX
	MOVQ	AX, runtime∕goos·RamSize(SB)
sized:
	MOVL	$0, PT
	MOVQ	CR3, AX
	MOVQ	AX, CR3
	MOVQ	$runtime·end(SB), AX
	ADDQ	$LEAST_HEAP, AX
	SUBQ	$RAM, AX
	CMPQ	AX, runtime∕goos·RamSize(SB)
	JHI	small_ram
	MOVQ	runtime∕goos·RamStart(SB), SP
	ADDQ	runtime∕goos·RamSize(SB), SP
	SUBQ	runtime∕goos·RamStackOffset(SB), SP

	// 6. The legacy interrupt controllers stay masked: IRQ 0 would arrive as
	// exception 8.
	MOVL	$0xff, AX
	MOVW	$0x21, DX
	OUTB
	MOVW	$0xa1, DX
	OUTB
	STI
	JMP	_rt0_tamago_start(SB)

small_ram:	// nothing works yet: say it on COM1 and stop
	MOVQ	$·tooSmall<>(SB), SI
	MOVL	$TOO_SMALL, CX
	MOVW	$0x3f8, DX
	REP; OUTSB
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

// TamaGo's amd64 package defines this beside its own cpuinit, which the build
// tag linkcpuinit leaves out.
DATA	·gdt<>+0x00(SB)/8, $0x0000000000000000
DATA	·gdt<>+0x08(SB)/8, $0x00209a0000000000
DATA	·gdt<>+0x10(SB)/8, $0x0000920000000000
GLOBL	·gdt<>(SB),RODATA,$24
DATA	github·com∕usbarmory∕tamago∕amd64·gdtptr+0x00(SB)/2, $23
DATA	github·com∕usbarmory∕tamago∕amd64·gdtptr+0x02(SB)/8, $·gdt<>(SB)
GLOBL	github·com∕usbarmory∕tamago∕amd64·gdtptr(SB),RODATA,$10
