//go:build tamago && amd64

package x86

import (
	"unsafe"

	"gasp/board/machine"
)

// death is a type of this package for the assembly.
type death machine.Death

// maxTraps is how many exceptions are handled: one is reported, one inside that
// report ends it, and so does one inside its end.
const maxTraps = 3

// The interrupt descriptor table (Intel SDM volume 3, 6.10 and 6.14.1), and what
// the last exception left.
var (
	idtRoom      [2 * pageSize]byte // for a page of its own
	traps        uint32
	trapped      = death{Kind: machine.ByFault, Faulted: true}
	faultHandler = fault
)

const (
	callSize   = 5 // between two entry points
	exceptions = 32
)

// trap_amd64.s
func entryPoints() (exceptions, wake uintptr)
func loadIDT(base uintptr)
func maskInterrupts()
func faulted()

// startTraps makes exceptions reports and interrupts wake the CPU. Only wait lets them in: an alarm
// that came before it waits would be lost.
func startTraps() {
	maskInterrupts()
	const code, interruptGate = 0x08, 0x8e
	first, wake := entryPoints()
	base := (uintptr(unsafe.Pointer(&idtRoom)) + pageSize - 1) &^ (pageSize - 1)
	idt := (*[256][2]uint64)(*(*unsafe.Pointer)(unsafe.Pointer(&base)))
	for i := range idt {
		a := uint64(wake)
		if i < exceptions {
			a = uint64(first) + uint64(i)*callSize
		}
		idt[i][0] = a&0xffff | code<<16 | interruptGate<<40 | a>>16&0xffff<<48
		idt[i][1] = a >> 32
	}
	loadIDT(base)
	protectDescriptors(loadedIDT())
}

// fault reports the last exception, on the system stack of the runtime.
func fault() {
	d := machine.Death(trapped)
	machine.Trapped(&d)
}

func framePointer() uintptr // trap_amd64.s

// fp leads to that of its caller.
//
//go:linkname fp gasp/board/machine.framePointer
func fp() uintptr {
	p := framePointer()
	return *(*uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&p)))
}
