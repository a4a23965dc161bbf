//go:build tamago

package x86

import (
	"runtime"
	"unsafe"
)

// bare tells that TamaGo's toolchain builds the image: nothing is below the
// runtime, and the board handles exceptions itself. They cannot become signals:
// each is the end.
const bare = runtime.GOOS == "tamago"

// maxTraps is how many exceptions are handled: one is reported, one inside that
// report ends it, one inside its end goes unnoticed.
const maxTraps = 3

// The interrupt descriptor table (Intel SDM volume 3, 6.10 and 6.14.1), and what
// the last exception left.
var (
	idt          [256][2]uint64
	traps        uint32
	trapped      = death{kind: byFault, faulted: true}
	faultHandler = fault
)

const (
	callSize   = 5 // between two entry points
	exceptions = 32
)

// trap_amd64.s
func entryPoints() (exceptions, wake uintptr)
func loadIDT()
func faulted()

// startTraps makes exceptions reports and interrupts wake the CPU.
func startTraps() {
	const code, interruptGate = 0x08, 0x8e
	first, wake := entryPoints()
	for i := range idt {
		a := uint64(wake)
		if i < exceptions {
			a = uint64(first) + uint64(i)*callSize
		}
		idt[i][0] = a&0xffff | code<<16 | interruptGate<<40 | a>>16&0xffff<<48
		idt[i][1] = a >> 32
	}
	loadIDT()
}

// fault runs on the system stack of the runtime, below the goroutine that faulted.
func fault() {
	d := trapped
	d.fn, d.fnStart = functionAt(d.pc)
	dying(unsafe.Pointer(&d))
	if traps == 1 {
		throw(exceptionName(d.vector))
	}
	exit(2)
}

// throw is lent by the runtime.
//
//go:linkname throw runtime.throw
func throw(s string)
