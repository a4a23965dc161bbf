package runtime

// CPU exceptions (Intel SDM volume 3, 6.15). Those of the runtime's threads
// become signals, as Linux does it (arch/x86/kernel/traps.c), so that the
// runtime turns a nil dereference into a panic and the rest into a fatal error.

// gaspRegisters is what an exception interrupted. The assembly fills it.
type gaspRegisters struct {
	pc, addr, vector, errcode uint64
	regs                      [gaspRegs]uint64
	fs                        uint64 // FS base
	g                         uint64 // in TLS
	kernel                    uint64 // not 0: it was in the kernel
}

// gaspFault is the last exception: the registers that a report shows if the
// program dies of it.
var gaspFault gaspRegisters

const (
	gaspIRQ0       = 32 // the first vector that is no exception
	gaspVecPage    = 14
	gaspSegvMaperr = 1
	gaspFpeIntdiv  = 1
	gaspSiKernel   = 0x80
)

// gaspTrapped is called with the registers of the processor's thread saved.
//
//go:nowritebarrierrec
func gaspTrapped() {
	c := gaspThis()
	t := c.cur
	t.fxvalid = 1
	if t.vector >= gaspIRQ0 {
		kick := goosInterrupt(c.number, t.vector)
		if c.stalled != 0 {
			c.stalled = 0
			gaspStall(t)
		}
		if !kick {
			c.armed = 0
			c.signs++
			c.sample(t)
			gaspWatch(c)
		}
		woken := gaspFramesCame()
		gaspSchedule(!kick || woken) // the end of a time slice
		return
	}
	var sig, code, addr uint64
	switch t.vector {
	case 0:
		sig, code, addr = _SIGFPE, gaspFpeIntdiv, t.pc
	case 16, 19:
		sig, code, addr = _SIGFPE, 0, t.pc
	case 1, 3:
		sig, code = _SIGTRAP, 1
	case 6:
		sig, code, addr = _SIGILL, 1, t.pc
	case 17:
		sig, code = _SIGBUS, 1
	case gaspVecPage:
		sig, code, addr = _SIGSEGV, gaspSegvMaperr, t.cr2
	default:
		sig, code = _SIGSEGV, gaspSiKernel
	}
	if !gaspDead {
		gaspSaveFault(t)
	}
	if !gaspPanics(t, sig, code, addr) {
		gaspDisarm(t.vector)
		gaspDieOf(gaspByFault, true)
		gaspOnCrashStack()
	}
	if gp := (*g)(gaspPointer(t.g)); gaspUnrecovered(t, gp) {
		gaspDieOf(gaspByPanic, true)
		gaspSetString(&gaspLastWords.scene.text, gaspPanicText(sig, code))
		gaspOnCrashStack()
	}
	gaspDeliver(t, sig, code, addr)
	gaspSchedule(false)
}

// gaspPanics tells whether the runtime will make a panic of a signal, by the
// rules of its sighandler, canpanic and sigpanic; if anything looks wrong, not.
func gaspPanics(t *gaspThread, sig, code, addr uint64) bool {
	if sig != _SIGSEGV && sig != _SIGFPE {
		return false
	}
	p := uintptr(t.g)
	if gaspActions[sig].handler <= 1 || t.mask&(1<<(sig-1)) != 0 || !gaspPlausible(p) {
		return false
	}
	gp := (*g)(gaspPointer(t.g))
	mp := gp.m
	if !gaspPlausibleM(mp) || mp.curg != gp || gp.throwsplit ||
		uintptr(t.sp) <= gp.stack.lo || uintptr(t.sp) >= gp.stack.hi ||
		mp.locks != 0 || mp.mallocing != 0 || mp.throwing != throwTypeNone || len(mp.preemptoff) != 0 || mp.dying != 0 ||
		readgstatus(gp)&^_Gscan != _Grunning || gp.syscallsp != 0 {
		return false
	}
	const firstPage = 0x1000
	return sig == _SIGFPE || code == gaspSegvMaperr && addr < firstPage || gp.paniconfault
}

// gaspPanicText is the words of the panic that such a signal becomes, sigpanic's.
func gaspPanicText(sig, code uint64) string {
	switch {
	case sig == _SIGFPE && code == gaspFpeIntdiv:
		return "runtime error: integer divide by zero"
	case sig == _SIGFPE:
		return "runtime error: floating point error"
	}
	return "runtime error: invalid memory address or nil pointer dereference"
}

// gaspDisarm takes away a breakpoint that was hit, so that the report does not.
func gaspDisarm(vector uint64) {
	const debug = 1
	if vector == debug {
		gaspDisarmBreakpoints()
	}
}

func gaspDisarmBreakpoints()

// gaspClearMachineCheck lets the next machine check come: a second one while the
// first is marked in progress would reset the machine.
func gaspClearMachineCheck()

// gaspCrashTrap runs gaspFatalTrap on the crash stack. It does not return.
func gaspCrashTrap()

// The stack, g and TLS that the last words come from. They are used for nothing
// else.
var (
	gaspCrashG     g
	gaspCrashM     m
	gaspCrashStack [64 << 10]byte
	gaspCrashTLS   [1]uintptr
)

// gaspSaveFault keeps the registers of an exception for a report.
func gaspSaveFault(t *gaspThread) {
	f := &gaspFault
	f.pc, f.vector, f.errcode, f.addr = t.pc, t.vector, t.errcode, 0
	if t.vector == gaspVecPage {
		f.addr = t.cr2
	}
	f.fs, f.g, f.kernel = t.fs, t.g, 0
	f.regs = [gaspRegs]uint64{t.ax, t.bx, t.cx, t.dx, t.si, t.di, t.bp, t.sp,
		t.r8, t.r9, t.r10, t.r11, t.r12, t.r13, t.r14, t.r15, t.flags}
}

// gaspDescriptors is room for the interrupt descriptor table (Intel SDM volume 3,
// 6.10), a page from a page boundary on.
var gaspDescriptors [2 << 12]byte

const (
	gaspVecNMI          = 2
	gaspVecDoubleFault  = 8
	gaspVecStack        = 12
	gaspVecMachineCheck = 18
)

// gaspGates fills the interrupt descriptor table. It runs before the runtime
// does, on the boot stack.
//
//go:nosplit
func gaspGates(table *[256][2]uint64) {
	gaspThreads[0].setFX()
	for i := range table {
		ist := uint64(1)
		switch i {
		case gaspVecDoubleFault:
			ist = 2
		case gaspVecNMI:
			ist = 3
		case gaspVecMachineCheck:
			ist = 4
		case gaspVecPage:
			ist = 5
		case gaspVecStack:
			ist = 6
		}
		const code, interruptGate = 0x08, 0x8e
		a := uint64(gaspVectorPC(uintptr(i)))
		table[i][0] = a&0xffff | code<<16 | ist<<32 | interruptGate<<40 | a>>16&0xffff<<48
		table[i][1] = a >> 32
	}
}

// gaspVectorPC returns the entry point of vector i.
func gaspVectorPC(i uintptr) uintptr
