//go:build tamago

package machine

import (
	"sync/atomic"
	_ "unsafe" // go:linkname
)

// Steady runs change on one processor from its start to its end, even if it is Go code that changes what only this processor has: its interrupt masks, its right to
// write translation tables. Without it another processor may ask for the goroutine's place in between, at any function's
// entry, or the stack may have to grow there, and the goroutine goes on elsewhere. It is not for the kernel under the runtime
// and not for the crash path, where nothing takes a processor away. change uses less than 8 KiB of stack and does not wait.
func Steady(change func()) {
	if !goroutines {
		change()
		return
	}
	procPin()
	deepen()
	change()
	procUnpin()
}

// goroutines is set once there are some: before packages are initialized there is one stack, large enough, on one processor.
var goroutines bool

func init() { goroutines = true }

// stackRoom is what change may use of the stack, bytes.
const stackRoom = 8 << 10

// deepen makes the stack as deep as that: pinned, it is not shrunk.
//
//go:noinline
func deepen() byte {
	var room [stackRoom]byte
	return room[anywhere]
}

var anywhere int

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

// TableLock keeps other processors from changing the translation tables meanwhile. Whoever has it has interrupts off, and is Steady or
// the kernel, so that it is soon given back; one that died with it is waited for some ten milliseconds.
type TableLock struct{ held atomic.Uint32 }

const maxTableTurns = 1 << 20

// Lock takes it.
func (l *TableLock) Lock() {
	for n := 0; !l.held.CompareAndSwap(0, 1) && n < maxTableTurns; n++ {
	}
}

// Unlock gives it back.
func (l *TableLock) Unlock() { l.held.Store(0) }
