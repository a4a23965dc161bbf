//go:build tamago

package main

import (
	"log/slog"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"unsafe"

	"gasp/netlog"
)

// What the processor does not put up with, and memory that is not what it should
// be. The program has all the rights there are, and may do this (crash_GOARCH.s).
var machineClasses = slices.Concat(processorClasses, []class{
	{"pf-read", "read at an address that is not mapped", wildRead},
	{"pf-write", "write to an address that is not mapped", wildWrite},
	{"pf-exec", "call to an address that is not mapped", func() { call(unmapped) }},
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
})

func pushForever()
func pushAt(sp uintptr)
func call(pc uintptr)
func overwriteG(size uintptr)
func smashStack(seed uint64, end uintptr, returns bool)
func victim()
func victimPC() uintptr

// interruptsOff holds until the next system call at least.
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

// overflowSystemStack grows the stack that the runtime itself works on.
func overflowSystemStack() {
	if step%2 == 0 {
		systemstack(pushForever)
	}
	runtime.LockOSThread()
	go systemstack(pushForever)
	select {}
}

// notCode lies among data. It is an undefined instruction, so that it is the end too where
// data can run.
var notCode = [...]instruction{undefined, undefined}

func callData() { call(uintptr(unsafe.Pointer(&notCode))) }

func writeText() {
	*(*instruction)(unsafe.Pointer(&memory(victimPC(), unsafe.Sizeof(undefined))[0])) = undefined
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
