//go:build tamago

package main

import (
	"log/slog"
	"math/rand/v2"
	"reflect"
	"runtime"
	"time"
	"unsafe"

	"gasp/netlog"
)

// What the processor does not put up with, and memory that is not what it should
// be. The program runs in ring 0 and may do all of this (crash_amd64.s).
var machineClasses = []class{
	{"de", "#DE: divide instruction, divisor zero", divideInstruction},
	{"db", "#DB: single step", debugInstruction},
	{"bp", "#BP: INT3", breakpointInstruction},
	{"of", "#OF: INT 4", overflowInstruction},
	{"ud", "#UD: undefined instruction", undefinedInstruction},
	{"nm", "#NM: SSE instruction with CR0.TS set", taskSwitched},
	{"np", "#NP: DS loaded with a segment that is not present", func() { loadDS(absentSegment()) }},
	{"ss", "#SS: SS loaded with a segment that is not present; step 1, 2: RBP, RSP is not canonical", stackFault},
	{"gp", "#GP: access to a non-canonical address", protectionFault},
	{"mf", "#MF: x87 division by zero, unmasked", x87Error},
	{"xm", "#XM: SSE division by zero, unmasked; INT 19 where the processor does not notice", simdError},
	{"pf-read", "#PF: read at an address that is not mapped", wildRead},
	{"pf-write", "#PF: write to an address that is not mapped", wildWrite},
	{"pf-exec", "#PF: call to an address that is not mapped", func() { call(unmapped) }},
	{"double", "#DF: #GP without a gate", doubleFault},
	{"sp-wild", "push with the stack pointer at an address that is not mapped", func() { pushAt(unmapped) }},
	{"sp-zero", "push with the stack pointer 0", func() { pushAt(0) }},
	{"g0", "overflow of the first thread's runtime stack, in assembly; step 1: another thread's", overflowSystemStack},
	{"jump-null", "call to address 0", func() { call(0) }},
	{"jump-data", "call to data", callData},
	{"write-text", "write to the program's code, then call it", writeText},
	{"g", "the goroutine's g overwritten", func() { overwriteG(goroutineSize) }},
	{"stack", "the goroutine's stack overwritten, then nil dereference; step 1: return", corruptStack},
	{"heap", "the heap's record of a span overwritten", corruptSpan},
	{"ring", "the logger's ring overwritten", corruptRing},
	{"gdt", "GDT overwritten; step 1: without the code segment", corruptGDT},
	{"idt", "IDT overwritten", corruptIDT},
	{"mce", "machine check from outside within 20 s", func() { alive(20 * time.Second) }},
	{"nmi", "NMI from outside within 20 s", func() { alive(20 * time.Second) }},
}

// unmapped is above what the boards map.
const unmapped = 0x7f_ffff_f000

// The instructions (crash_amd64.s).
func divideInstruction()
func debugInstruction()
func breakpointInstruction()
func overflowInstruction()
func undefinedInstruction()
func taskSwitched()
func protectionFault()
func readNonCanonicalRBP()
func x87Error()
func simdError()
func loadDS(selector uintptr)
func loadSS(selector uintptr)
func pushForever()
func pushAt(sp uintptr)
func call(pc uintptr)
func overwriteG(size uintptr)
func smashStack(seed uint64, end uintptr, returns bool)
func victim()
func victimPC() uintptr
func sgdt() (base, limit uintptr)
func sidt() (base, limit uintptr)
func lgdt(base, limit uintptr)
func lidt(base, limit uintptr)

// interruptsOff holds until the next system call.
func interruptsOff()
func interruptsOn()

// memory is n bytes at an address.
func memory(address, n uintptr) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address))), n)
}

func garbage(b []byte) {
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
}

//go:noinline
func wildRead() { index = int(memory(unmapped, 1)[0]) }

//go:noinline
func wildWrite() { memory(unmapped, 1)[0] = 1 }

const nonCanonical = 1 << 63

func stackFault() {
	switch step % 3 {
	case 0:
		loadSS(absentSegment())
	case 1:
		readNonCanonicalRBP()
	case 2:
		pushAt(nonCanonical)
	}
}

// overflowSystemStack grows the stack that the runtime itself works on.
func overflowSystemStack() {
	if step%2 == 0 {
		systemstack(pushForever)
	}
	runtime.LockOSThread()
	go systemstack(pushForever)
	select {}
}

// A gate or segment descriptor is present by bit 7 of its byte 5 (Intel SDM
// volume 3, 3.4.5 and 6.11).
const (
	accessByte  = 5
	present     = 0x80
	absentData  = 0x12 << 40 // writable data, ring 0, not present
	gateSize    = 16
	maxGDT      = 512
	maxIDT      = 256 * gateSize
	dataSegment = 0x10
)

var (
	gdtCopy [maxGDT + 8]byte
	idtCopy [maxIDT]byte
)

// absentSegment returns the selector of a data segment that is not present, in a
// copy of the GDT that has one more.
func absentSegment() uintptr {
	base, limit := sgdt()
	n := min(limit+1, maxGDT)
	copy(gdtCopy[:], memory(base, n))
	*(*uint64)(unsafe.Pointer(&gdtCopy[n])) = absentData
	lgdt(uintptr(unsafe.Pointer(&gdtCopy)), n+7)
	return n
}

// doubleFault takes away the gates of #GP, of the #NP that this leads to, and of #PF.
func doubleFault() {
	base, limit := sidt()
	n := min(limit+1, maxIDT)
	copy(idtCopy[:], memory(base, n))
	for _, vector := range [...]int{11, 13, 14} {
		idtCopy[vector*gateSize+accessByte] &^= present
	}
	lidt(uintptr(unsafe.Pointer(&idtCopy)), n-1)
	protectionFault()
}

// notCode lies in bss. It holds NOPs and an UD2, so that it is the end too where
// data can run.
var notCode [16]byte

func callData() {
	const nop = 0x90
	for i := range notCode {
		notCode[i] = nop
	}
	*(*uint16)(unsafe.Pointer(&notCode[len(notCode)-2])) = ud2
	call(uintptr(unsafe.Pointer(&notCode)))
}

const ud2 = 0x0b0f

func writeText() {
	*(*uint16)(unsafe.Pointer(&memory(victimPC(), 2)[0])) = ud2
	victim()
}

// goroutineSize is what of a g is overwritten: stack bounds, panics, m, saved
// registers, state.
const goroutineSize = 256

func corruptStack() {
	gp, _ := runtime.GetG()
	bounds := (*[2]uintptr)(unsafe.Pointer(&memory(uintptr(gp), 16)[0]))
	smashStack(rand.Uint64()|1, bounds[1], step%2 == 1)
}

// spanSize is what of an mspan is overwritten: links, bounds, allocation bits.
const spanSize = 128

var pointers []*[4]*int

// corruptSpan overwrites the span that the next allocations are made from, and
// makes them.
func corruptSpan() {
	pointers = append(pointers, new([4]*int))
	_, span, _ := findObject(uintptr(unsafe.Pointer(pointers[0])), 0, 0)
	if span == nil {
		panic("an object lies in no span")
	}
	garbage(unsafe.Slice((*byte)(span), spanSize))
	for {
		for range 10_000 {
			pointers = append(pointers, new([4]*int))
		}
		runtime.GC()
	}
}

//go:linkname systemstack runtime.systemstack
func systemstack(fn func())

//go:linkname findObject runtime.findObject
func findObject(p, base, offset uintptr) (uintptr, unsafe.Pointer, uintptr)

// corruptRing leaves the logger no chance to notice before the crash; with step 1
// it has one.
func corruptRing() {
	l := netlog.Default()
	field, ok := reflect.TypeFor[netlog.Logger]().FieldByName("ring")
	if !ok {
		slog.Error("the logger has no field ring")
		return
	}
	ring := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(l), field.Offset)), field.Type.Size())
	if step%2 == 0 {
		interruptsOff()
	}
	garbage(ring)
	panic("the logger's ring is overwritten")
}

func corruptGDT() {
	base, limit := sgdt()
	table := memory(base, limit+1)
	if step%2 == 1 {
		table = table[dataSegment:]
	}
	garbage(table)
	loadDS(dataSegment)
}

func corruptIDT() {
	base, limit := sidt()
	garbage(memory(base, limit+1))
	undefinedInstruction()
}
