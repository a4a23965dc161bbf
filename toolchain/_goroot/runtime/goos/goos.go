// Package goos is where the runtime meets the board: the board defines these
// functions and variables by linkname. The first part is TamaGo's interface
// (github.com/usbarmory/tamago/goos), the second is what the stock runtime's
// kernel asks for beyond it. A board may define the second part always: with
// TamaGo's own toolchain nothing calls it.
package goos

import "unsafe"

// The RAM that the image is in, it is loaded at RamStart. TamaGo's runtime uses
// no other.
var (
	//go:linkname RamStart
	RamStart uint
	//go:linkname RamSize
	RamSize uint
	// RamApart says that RamStart is no place among other RAM: what lies below is not mapped.
	//go:linkname RamApart
	RamApart bool
	//go:linkname RamStackOffset
	RamStackOffset uint
)

// Optional hooks, set by the board at Hwinit1.
var (
	Bloc   uintptr
	ProcID func() uint64
	Task   func(sp, mp, gp, fn unsafe.Pointer)
	// Exit ends the program. It does not return.
	//go:linkname Exit
	Exit func(code int32)
	// Idle waits, with interrupts on, for one, at the latest until the given time.
	//go:linkname Idle
	Idle func(until int64)
)

// Hwinit0 runs before the runtime is set up, Hwinit1 once memory can be
// allocated; no package is initialized yet.
//
//go:linkname Hwinit0
func Hwinit0()

//go:linkname Hwinit1
func Hwinit1()

//go:linkname InitRNG
func InitRNG()

//go:linkname GetRandomData
func GetRandomData(b []byte)

// Nanotime is the time in nanoseconds. It must not use more stack than a
// nosplit function may.
//
//go:linkname Nanotime
func Nanotime() int64

//go:linkname Printk
func Printk(c byte)

// Write takes n bytes written to standard output or standard error.
//
//go:linkname Write
func Write(p unsafe.Pointer, n uintptr)

// Alarm asks for an interrupt of the processor that it runs on at the given time.
//
//go:linkname Alarm
func Alarm(cpu uint64, at int64)

// CPUs is how many processors there are. The kernel numbers them: this is 0.
//
//go:linkname CPUs
func CPUs() uint64

// StartCPU starts a further processor, number i of CPUs, set up as this one, paging
// included, at entry with arg in its first register (RDI, X0, R0). It waits until up is not 0 and reports
// whether that came; if not, the processor does not run any more.
//
//go:linkname StartCPU
func StartCPU(i uint64, entry, arg uintptr, up *uint32) bool

// CPUUp sets up what a further processor, on which it runs, has for itself. cpu is
// the kernel's number of it from then on.
//
//go:linkname CPUUp
func CPUUp(cpu uint64)

// Kick interrupts a processor, Stop does so with an interrupt that masks do not stop
// (NMI).
//
//go:linkname Kick
func Kick(cpu uint64)

//go:linkname Stop
func Stop(cpu uint64)

// Sleep waits, with interrupts on, for one, at the latest until the given time.
//
//go:linkname Sleep
func Sleep(cpu uint64, until int64)

// Interrupt handles a hardware interrupt of a processor, and tells whether that
// was a Kick, or a device's: any but its timer's. The vector is the architecture's:
// where an interrupt controller has to be asked, it is always the same.
//
//go:linkname Interrupt
func Interrupt(cpu, vector uint64) (kick bool)

// Woken tells, once each time, that who waits for frames (/dev/frames) is to look.
//
//go:linkname Woken
func Woken() bool

// Dying announces a report: the program ends, or somebody asked what it is doing
// (or a fault inside a report). death points to the runtime's gaspDeath. The
// report's lines follow by Write. nil ends a report that was asked for; one of a
// death ends with Exit.
//
//go:linkname Dying
func Dying(death unsafe.Pointer)

// NMI decides what an interrupt that masks do not stop means (x86's NMI, Arm's FIQ, or
// an interrupt of a priority that the kernel never masks for long): 0 nothing, the machine goes
// on; 1 a report, then it goes on; 2 it was sent to end the program; 3 the
// program hangs. It runs in the middle of anything.
//
//go:linkname NMI
func NMI() uint64

// On arm64 the board defines three more, in assembly, which the kernel's entries and exits
// call with all interrupts off. They use R3 to R5 and R30. Where interrupts that
// masks do not stop are FIQs, Mask returns 0, and the kernel masks all others by
// PSTATE.I. Where they are IRQs of a high priority the kernel has PSTATE.I clear, and
// masks by priority:
//
//	Mask    masks the others; R3: the mask before
//	Unmask  makes R3 the mask again, unless it is 0
//	Take    takes the one that is pending, for NMI; R3: its number, 1020 or more if there is none

// Watchdog is for how long, in nanoseconds, no goroutine may be scheduled while
// one wants to run; 0: for ever.
//
//go:linkname Watchdog
func Watchdog() int64

// Signs counts a processor's signs of life from what is slow with interrupts off.
//
//go:linkname Signs
func Signs(cpu uint64) uint32

// Memory returns part i of the RAM that the program may have besides the image:
// whole pages, mapped one to one, below the runtime's address limit, in order. A
// size of 0 says that there is no such part. i counts up from 0 once, before the
// runtime is set up: nothing may be allocated.
//
//go:linkname Memory
func Memory(i int) (start, size uint64)

// Guard takes a page away, so that a stack that grows into it faults.
//
//go:linkname Guard
func Guard(page uintptr)

// CommandLine is the kernel command line. It runs before all else, and must not use
// more stack than a nosplit function may.
//
//go:linkname CommandLine
func CommandLine() string

// Hostname is the machine's name.
//
//go:linkname Hostname
func Hostname() string

// Archive is the cpio archive i of the file tree; nil ends them. It runs before the
// runtime is set up.
//
//go:linkname Archive
func Archive(i int) (p *byte, n uintptr)

// ArchiveDamage says what is wrong with one of them.
//
//go:linkname ArchiveDamage
func ArchiveDamage(i int, what string)

// Entropy fills b with bytes that nobody can guess, and reports whether it could.
//
//go:linkname Entropy
func Entropy(b []byte) bool
