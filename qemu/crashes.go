package qemu

import (
	"slices"
	"time"
)

// Crash is a class of cmd/image, and what its report must say.
type Crash struct {
	Class string // gasp.crash=
	Cause string // in the headline's cause, as x86-64 has it; "" leaves it open
	// Function is the headline's, without offset; "" leaves it open.
	Function string
	// Exception is the headline's on x86-64, and demands all registers; "" leaves both open. Others have their own names
	// (For).
	Exception string
	// Fetch says that the exception is one of fetching an instruction.
	Fetch bool
	// Traceback is in a line of the traceback, with its position below it; "" leaves it open.
	Traceback string
	// On leaves out machines on which the class cannot be; nil is everywhere.
	On func(Combination) bool
	// Host is what this host does to the machine; nil is nothing.
	Host Act
	// Steps is how many values gasp.step= takes; 0 is none, stepsUnknown that the image says so.
	Steps int
	// Params is more of the command line.
	Params string
	// LateARP leaves requests for the log host's address unanswered, a number that the seed gives.
	LateARP bool
	// DeadLink excuses a run of records that went into the dead link before the machine noticed.
	DeadLink bool
	// Forgets tells that what was logged before is overwritten: nothing of it is demanded.
	Forgets bool
	// Deadline is for the machine to end; cellDeadline if 0.
	Deadline time.Duration

	registers int // at least, of an exception; those of x86-64 if 0
}

const (
	// stepsUnknown: every statement of some functions is a step, and how many there are depends on the compiler.
	stepsUnknown = -1
	// watchdog is shorter than the default of ten seconds: somebody waits.
	watchdog = "gasp.watchdog=2"
	// long is for classes that have much to send.
	long = 2 * time.Minute
)

// What many classes say.
const (
	nilPanic   = "panic: runtime error: invalid memory address or nil pointer dereference"
	brokenNIC  = "panic: the network device is broken"
	breakpoint = "#DB debug" // the image stops itself inside a function
	inDrivers  = "gasp/drivers/"
	inNetlog   = "gasp/netlog."
	inReport   = "panic: to be stopped while it is reported"
)

// Crashes are all classes.
var Crashes = slices.Concat(goCrashes, machineCrashes, driverCrashes, loggerCrashes, interruptCrashes)

// goCrashes are what the Go runtime makes of a program's mistake.
var goCrashes = []Crash{
	{Class: "panic", Cause: "panic: something is badly wrong", Function: "main.panicError", Traceback: "main.panicError("},
	{Class: "goroutine", Cause: "panic: in a goroutine", Function: "main.inGoroutine", Traceback: "goroutine 1 ["},
	{Class: "stringer", Cause: "the Error method panics too", Traceback: "main.main("},
	{Class: "repanic", Cause: "panic: the second panic", Traceback: "main.panicTwice("},
	{Class: "init", Cause: "panic: something is badly wrong", Function: "main.panicError", Traceback: "main.panicError("},
	{Class: "nil", Cause: nilPanic, Function: "main.nilDereference", Exception: "#PF", Traceback: "main.nilDereference("},
	{Class: "deep", Cause: nilPanic, Function: "main.nilDereference", Exception: "#PF", Traceback: "main.deep("},
	{Class: "index", Cause: "panic: runtime error: index out of range [2] with length 2", Function: "main.outOfRange", Traceback: "main.outOfRange("},
	{Class: "divide", Cause: "panic: runtime error: integer divide by zero", Function: "main.divideByZero", Traceback: "main.divideByZero("},
	{Class: "map", Cause: "panic: assignment to entry in nil map", Function: "main.writeNilMap", Traceback: "main.writeNilMap("},
	{Class: "mapwrite", Cause: "fatal error: concurrent map writes", Traceback: "main.writeMapTwice", Deadline: long},
	{Class: "unlock", Cause: "fatal error: sync: unlock of unlocked mutex", Traceback: "sync.(*Mutex).Unlock"},
	{Class: "deadlock", Cause: "fatal error: all goroutines are asleep - deadlock!", Traceback: "goroutine 1 [chan receive"},
	{Class: "oom", Cause: "out of memory", Traceback: "main.takeAllMemory(", Deadline: long},
	{Class: "overflow", Cause: "fatal error: stack overflow", Traceback: "main.recurse(", Deadline: long},
	{Class: "close", Cause: "panic: close of closed channel", Function: "main.closeTwice", Traceback: "main.closeTwice("},
	{Class: "goexit", Cause: "fatal error: no goroutines (main called runtime.Goexit) - deadlock!"},
	{Class: "exit", Cause: "exit status 3", Traceback: "os.Exit("},
	{Class: "return", Cause: "exit status 0"},
}

// machineCrashes are what the CPU raises, and what is wrong with memory.
var machineCrashes = []Crash{
	{Class: "de", Cause: "panic: runtime error: integer divide by zero", Function: "main.divideInstruction", Exception: "#DE", Traceback: "main.divideInstruction(", On: onArch("amd64")},
	{Class: "db", Cause: "#DB debug", Function: "main.debugInstruction", Exception: "#DB", Traceback: "main.debugInstruction(", On: onArch("amd64")},
	{Class: "bp", Cause: "#BP breakpoint", Function: "main.breakpointInstruction", Exception: "#BP", Traceback: "main.breakpointInstruction("},
	{Class: "of", Cause: "#OF overflow", Function: "main.overflowInstruction", Exception: "#OF", Traceback: "main.overflowInstruction(", On: onArch("amd64")},
	{Class: "ud", Cause: "#UD invalid opcode", Function: "main.undefinedInstruction", Exception: "#UD", Traceback: "main.undefinedInstruction("},
	{Class: "nm", Cause: "#NM no math coprocessor", Function: "main.taskSwitched", Exception: "#NM", Traceback: "main.taskSwitched(", On: onArch("amd64")},
	{Class: "gp", Cause: "#GP general protection", Function: "main.protectionFault", Exception: "#GP", Traceback: "main.protectionFault(", On: onArch("amd64")},
	{Class: "ss", Cause: "#SS stack fault", Exception: "#SS", On: onArch("amd64")},
	{Class: "mf", Cause: "panic: runtime error: floating point error", Function: "main.x87Error", Exception: "#MF", Traceback: "main.x87Error(", On: onArch("amd64")},
	{Class: "xm", Cause: "panic: runtime error: floating point error", Function: "main.simdError", Exception: "#XM", Traceback: "main.simdError(", On: onArch("amd64")},
	{Class: "np", Cause: "#NP segment not present", Function: "main.loadDS", Exception: "#NP", Traceback: "main.loadDS(", On: onArch("amd64")},
	{Class: "pf-read", Cause: "#PF page fault", Function: "main.wildRead", Exception: "#PF", Traceback: "main.wildRead("},
	{Class: "pf-write", Cause: "#PF page fault", Function: "main.wildWrite", Exception: "#PF", Traceback: "main.wildWrite("},
	{Class: "pf-exec", Cause: "#PF page fault", Exception: "#PF", Traceback: "main.call(", Fetch: true},
	{Class: "double", Cause: "#DF double fault", Exception: "#DF", On: onArch("amd64")},
	{Class: "sp-wild", Cause: "#PF page fault", Exception: "#PF"},
	{Class: "sp-zero", Cause: "#PF page fault", Exception: "#PF"},
	{Class: "g0", Cause: "overflow of the runtime stack", Function: "main.pushForever", Exception: "#PF", Traceback: "main.pushForever(", Steps: 2},
	{Class: "jump-null", Cause: nilPanic, Exception: "#PF", Traceback: "main.call(", Fetch: true},
	{Class: "jump-data", Cause: "#PF page fault", Exception: "#PF", Traceback: "main.call(", Fetch: true},
	{Class: "write-text", Cause: "#PF page fault", Function: "main.writeText", Exception: "#PF", Traceback: "main.main("},
	{Class: "g", Cause: "#GP general protection", Exception: "#GP"},
	{Class: "stack", Steps: 2},
	{Class: "heap"},
	{Class: "ring", Cause: "panic: the logger's ring is overwritten", Steps: 2, Forgets: true},
	{Class: "gdt", Cause: "#PF page fault", Exception: "#PF", Steps: 2, On: onArch("amd64")},
	{Class: "idt", Cause: "#PF page fault", Exception: "#PF", On: onArch("amd64")},
	{Class: "mce", Cause: "#MC machine check", Exception: "#MC", Host: machineCheck, On: onArch("amd64")},
	{Class: "align", Cause: "#PF page fault", Function: "main.unalignedLoad", Exception: "#PF", Traceback: "main.unalignedLoad(", On: onArch("arm64", "arm")},
	{Class: "pc-align", Cause: "PCALIGN PC alignment fault", Exception: "PCALIGN", On: onArch("arm64")},
	{Class: "vectors", Cause: "#PF page fault", Exception: "#PF", Traceback: "main.corruptVectors(", On: onArch("arm64", "arm")},
	{Class: "tables", Cause: "#PF page fault", Exception: "#PF", Traceback: "main.corruptTables(", On: onArch("arm64")},
	{Class: "nmi", Cause: "NMI", Exception: "NMI", Host: pressNMI, On: hasButton},
}

// driverCrashes find the network device in use, or broken.
var driverCrashes = []Crash{
	{Class: "transmit", Cause: breakpoint, Exception: "#DB", Traceback: inDrivers, Steps: stepsUnknown},
	{Class: "receive", Cause: breakpoint, Exception: "#DB", Traceback: inDrivers, Steps: stepsUnknown},
	{Class: "poll", Cause: breakpoint, Exception: "#DB", Traceback: inNetlog, Steps: stepsUnknown},
	{Class: "lock", Cause: breakpoint, Exception: "#DB", Traceback: inNetlog, Steps: stepsUnknown},
	{Class: "full", Cause: "panic: the device's ring is full", Traceback: "main.fillRing("},
	{Class: "notx", Cause: brokenNIC, Traceback: "main.breakNIC("},
	{Class: "nobus", Cause: brokenNIC, Traceback: "main.breakNIC("},
	{Class: "garbage", Cause: brokenNIC, Traceback: "main.breakNIC("},
	{Class: "link", Cause: "panic: with the link down", Traceback: "main.linkDown(", Host: pullCable, DeadLink: true},
	{Class: "reset", Cause: brokenNIC, Traceback: "main.breakNIC("},
}

// loggerCrashes find the logger at work.
var loggerCrashes = []Crash{
	{Class: "write", Cause: breakpoint, Exception: "#DB", Traceback: inNetlog, Steps: stepsUnknown},
	{Class: "sender", Cause: breakpoint, Exception: "#DB", Traceback: inNetlog, Steps: stepsUnknown},
	{Class: "logging", Cause: "panic: with a clock that logs", Traceback: "main.logInCrash("},
	{Class: "crash-headline", Cause: inReport, Traceback: "main.stopInCrash(", Steps: stepsUnknown},
	{Class: "crash-body", Cause: inReport, Traceback: "main.stopInCrash(", Steps: stepsUnknown},
	{Class: "crash-driver", Cause: inReport, Traceback: "main.stopInCrash(", Steps: stepsUnknown},
	{Class: "crash-hang", Cause: "panic: with a clock that hangs", Params: watchdog, Steps: 20},
	{Class: "goroutines", Cause: "panic: among many goroutines", Traceback: "main.amongGoroutines(", Deadline: long},
	{Class: "message", Cause: "panic: message 00000001", Traceback: "main.longMessage(", Deadline: long},
	{Class: "arp", Cause: "panic: before anything else", Traceback: "main.main(", LateARP: true},
}

// interruptCrashes happen in an interrupt handler, or need one to be noticed.
var interruptCrashes = []Crash{
	{Class: "irq-panic", Cause: "panic: in an interrupt handler", Traceback: "main."},
	{Class: "irq-nil", Function: "main.nilDereference", Exception: "#PF", Traceback: "main.nilDereference("},
	{Class: "irq-hang", Cause: "hard lockup", Function: "main.stall", Traceback: "main.stall(", Params: watchdog},
	{Class: "hang", Cause: "hard lockup", Function: "main.hang", Traceback: "main.hang(", Params: watchdog, Steps: 4},
	{Class: "stall", Cause: "stall", Function: "main.stall", Traceback: "main.stall(", Params: watchdog},
}
