//go:build tamago

package machine

import (
	_ "unsafe" // go:linkname

	"gasp/board/ram"
)

// What the package of the processor defines, by linkname, as package runtime/goos has
// it. Of goos itself it defines Hwinit1, in which it calls Start, and Nanotime, Guard,
// Interrupt, NMI (which asks Ticked and Outside), CPUs, StartCPU, CPUUp, Kick and Stop; this package defines the rest.
// Unless something else is said, a function may be called in any context.

// counter is a clock of the processor, as fine as it has one.
//
//go:linkname counter
func counter() uint64

// loaderCommandLine is the command line that the loader gave, "" if it gave none, in memory
// that can be written. It runs before all else.
//
//go:linkname loaderCommandLine
func loaderCommandLine() string

// loaderArchive is file i that the loader has put beside the image, counted from 0: empty if it
// does not lie in RAM. ok is false behind the last one.
//
//go:linkname loaderArchive
func loaderArchive(i int) (b []byte, ok bool)

// firmwareFile copies a file of QEMU's firmware configuration device to b (package fwcfg, which
// has the errors). Without such a device it is fwcfg.ErrNoDevice.
//
//go:linkname firmwareFile
func firmwareFile(name string, b []byte) (n int, err error)

// findMemory finds the RAM that the program may have besides the image, and maps it.
// It runs before the runtime is set up: nothing may be allocated.
//
//go:noescape
//go:linkname findMemory
func findMemory(l *ram.List)

// keepMemory is memory that outlives a warm reset, the same in each boot; nil if there is none.
//
//go:linkname keepMemory
func keepMemory() []byte

// writeSerial puts text on the serial line, if there is one. It takes a bounded time.
//
//go:noescape
//go:linkname writeSerial
func writeSerial(p []byte)

// cpuEntropy fills b with entropy of the processor's, and reports whether it could.
//
//go:noescape
//go:linkname cpuEntropy
func cpuEntropy(b []byte) bool

// thisCPU is the kernel's number of the processor that it runs on, below MaxCPUs.
//
//go:linkname thisCPU
func thisCPU() int

// alarm asks for an interrupt of this processor at the given time, after PollInterval at
// the latest.
//
//go:linkname alarm
func alarm(at int64)

// wait lets interrupts in and returns after one.
//
//go:linkname wait
func wait()

// canDoze tells, on a dead machine with interrupts off, whether the timer can wake the processor.
// Whichever interrupt was being handled is taken for done.
//
//go:linkname canDoze
func canDoze() bool

// doze sleeps until the given time, PollInterval at the most, on a machine that canDoze.
//
//go:linkname doze
func doze(until int64)

// reset resets the machine, powerOff switches it off; the latter comes back if that
// cannot be done. Memory keeps its contents, and gets what is still in the caches.
//
//go:linkname reset
func reset()

//go:linkname powerOff
func powerOff()

// exceptionName names an exception as the processor's manual does; faultsAt tells
// whether there is a faulting address. vector and code are what the kernel under the runtime has.
//
//go:linkname exceptionName
func exceptionName(vector, code uint64) string

//go:linkname faultsAt
func faultsAt(vector, code uint64) bool

// windTick makes the next tick (watchdog.go) come after TickNs, from the timer interrupt or a dead machine's wait: unless
// one may be under way, or the last time was just now.
//
//go:linkname windTick
func windTick(now int64)

// takeTicks makes the ticks come to the processor that it runs on.
//
//go:linkname takeTicks
func takeTicks()

// reloadWatchdog is a sign of life for a watchdog of the hardware, if there is one.
//
//go:linkname reloadWatchdog
func reloadWatchdog(now int64)

// framePointer is the caller's, 0 where there are none. Only with TamaGo's toolchain it is asked for.
//
//go:linkname framePointer
func framePointer() uintptr
