package runtime

// CPU exceptions. Those of the runtime's threads become signals, as Linux does it
// (signal, in gasp_exceptions_*.go), so that the runtime turns a nil dereference into a panic and the rest into a fatal error.

// gaspFault is the last exception: the registers that a report shows if the
// program dies of it.
var gaspFault gaspRegisters

// Codes of signals (include/uapi/asm-generic/siginfo.h).
const (
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
	sig, code, addr := t.signal()
	if !gaspDead {
		gaspSaveFault(t)
	}
	if !gaspPanics(t, sig, code, addr) {
		gaspDisarm(t.vector, t.errcode, t.pc)
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
	if gaspActions[sig].sa_handler <= 1 || t.mask&(1<<(sig-1)) != 0 || !gaspPlausible(p) {
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

// gaspCrashTrap runs gaspFatalTrap on the crash stack. It does not return.
func gaspCrashTrap()

// The stack and g that the last words come from. They are used for nothing else.
var (
	gaspCrashG     g
	gaspCrashM     m
	gaspCrashStack [64 << 10]byte
)

// gaspSaveFault keeps the registers of an exception for a report.
func gaspSaveFault(t *gaspThread) { gaspFault.take(&t.gaspContext) }
