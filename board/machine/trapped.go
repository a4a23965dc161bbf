//go:build tamago

package machine

import (
	"runtime/goos"
	"unsafe"

	"gasp/netlog"
)

// Trapped reports an exception and ends the program, on the system stack of the runtime: it is for TamaGo's toolchain, with
// which there is no kernel below the runtime.
func Trapped(d *Death) {
	d.Fn, d.FnStart = FunctionAt(d.PC)
	reporting := netlog.Default().Crashed()
	Announce(d)
	if reporting {
		goos.Exit(2)
	}
	if d.SP-uint64(uintptr(unsafe.Pointer(d))) < systemStack {
		throw(exceptionName(d.Vector, d.Errcode))
	}
	fatal(exceptionName(d.Vector, d.Errcode))
}

// systemStack is the size of the runtime's system stack (its rt0_*_tamago).
const systemStack = 64 << 10

// The runtime lends these. throw shows its own stack and goroutines too.

//go:linkname throw runtime.throw
func throw(s string)

//go:linkname fatal sync.fatal
func fatal(s string)
