// A kernel below the runtime. The runtime and the standard library
// are those of Linux; where they would ask it for something they come here
// (gasp_entry_*.s), on a stack and a g of the kernel's own, with interrupts
// off. It answers what Go on Linux asks for: memory, threads, futexes, time,
// signals, and writes to standard output. Anything else gets ENOSYS.

package runtime

import "unsafe"

var (
	gaspUp bool
)

// Linux's constants that are the same everywhere (include/uapi/linux/futex.h, sched.h).
const (
	gaspFutexPrivate = 128
	gaspCloneThread  = 0x10000
	gaspCloneSetTLS  = 0x80000
	_ETIMEDOUT       = 110
)

func gaspError(errno int64) uint64 { return uint64(-errno) }

// gaspKernel answers the system call of the processor's thread and chooses who
// goes on.
//
//go:nowritebarrierrec
func gaspKernel() {
	if !gaspUp {
		gaspBoot()
	}
	gaspSchedule(gaspCall(gaspThis().cur))
}

//go:yeswritebarrierrec
func gaspBoot() {
	gaspUp = true
	gaspCPU0.setUp(0)
	gaspCPU0.up = 1
	gaspFirstThread()
	gaspSystemG(&gaspCrashG, &gaspCrashM, unsafe.Pointer(&gaspCrashStack), unsafe.Sizeof(gaspCrashStack))
	goosHwinit0()
	gaspMemoryInit()
	gaspFilesInit()
}

// gaspSystemG makes gp the g0 of mp, on the given stack. Its lowest whole page is
// left for a guard. What prints on it takes no lock: whoever holds that may not
// run any more.
func gaspSystemG(gp *g, mp *m, stack unsafe.Pointer, size uintptr) {
	mp.g0 = gp
	mp.printlock = 1
	gp.m = mp
	gp.stack.lo = alignUp(uintptr(stack), gaspPage) + gaspPage
	gp.stack.hi = uintptr(stack) + size
	gp.stackguard0 = gp.stack.lo + stackGuard
	gp.stackguard1 = gp.stackguard0
}

// gaspCall performs the system call of t. It reports whether t gives way to other
// threads.
func gaspCall(t *gaspThread) (yield bool) {
	n := t.call()
	t.setResult(0)
	switch n {
	case gaspSysMprotect, gaspSysMadvise:
	case gaspSysMmap:
		gaspMmap(t)
	case gaspSysMunmap:
		t.setResult(gaspMunmap(t.arg(0), t.arg(1)))
	case gaspSysRtSigaction:
		t.setResult(gaspSigaction(t.arg(0), t.arg(1), t.arg(2)))
	case gaspSysRtSigprocmask:
		gaspSigprocmask(t, t.arg(0), t.arg(1), t.arg(2))
	case gaspSysRtSigreturn:
		gaspSigreturn(t)
	case gaspSysSigaltstack:
		gaspSigaltstack(t, t.arg(0), t.arg(1))
	case gaspSysSchedYield:
		return true
	case gaspSysNanosleep:
		gaspWait(t, 0, max(1, gaspDeadline(t.arg(0))), 0)
	case gaspSysGettid:
		t.setResult(uint64(t.id))
	case gaspSysClone:
		if t.arg(0)&gaspCloneThread == 0 {
			t.setResult(gaspError(_ENOSYS)) // fork, vfork
		} else {
			t.setResult(gaspClone(t, t.arg(0), t.arg(1), t.cloneTLS()))
		}
	case gaspSysExit:
		gaspSched.Exit(int(gaspThis().number))
	case gaspSysKill:
		t.setResult(gaspKillProcess(t, t.arg(0), t.arg(1)))
	case gaspSysTkill:
		t.setResult(gaspTgkill(t.arg(0), t.arg(1)))
	case gaspSysTgkill:
		t.setResult(gaspTgkill(t.arg(1), t.arg(2)))
	case gaspSysFutex:
		switch t.arg(1) &^ gaspFutexPrivate {
		case 0: // FUTEX_WAIT
			if *(*uint32)(gaspPointer(t.arg(0))) != uint32(t.arg(2)) {
				t.setResult(gaspError(_EAGAIN))
				return false
			}
			gaspWait(t, t.arg(0), gaspDeadline(t.arg(3)), gaspError(_ETIMEDOUT))
		case 1: // FUTEX_WAKE
			t.setResult(gaspWakeWaiters(t.arg(0), t.arg(2)))
		default:
			t.setResult(gaspError(_ENOSYS))
		}
	case gaspSysSchedGetaffin:
		if t.arg(1) < 8 {
			t.setResult(gaspError(_EINVAL))
			return false
		}
		*(*uint64)(gaspPointer(t.arg(2))) = 1<<gaspNCPU - 1
		t.setResult(8)
	case gaspSysClockGettime:
		*(*gaspTimespec)(gaspPointer(t.arg(1))) = gaspTime(gaspNow())
	case gaspSysGetrandom:
		t.setResult(gaspRandom(t.arg(0), t.arg(1)))
	case gaspSysExitGroup:
		gaspExitGroup(t, int32(t.arg(0)))
	default:
		if !gaspFileCall(t, n) && !gaspProcessCall(t, n) {
			t.setResult(gaspError(_ENOSYS))
		}
	}
	return false
}

// gaspNested answers a system call that the kernel's own code makes, by way of
// the runtime's print, throw or lock. Nothing can wait here.
func gaspNested(n, a1, a2, a3 uint64) uint64 {
	switch n {
	case gaspSysWrite:
		return gaspWrite(a1, a2, a3)
	case gaspSysExitGroup:
		gaspExitGroup(gaspThis().cur, int32(a1))
	case gaspSysClockGettime:
		*(*gaspTimespec)(gaspPointer(a2)) = gaspTime(gaspNow())
	case gaspSysFutex:
		// A lock that a thread holds which will not run again: waiting for
		// it is the end of what can be said.
		if a2&^gaspFutexPrivate == 0 {
			gaspDying(gaspByThrow, "a lock of the runtime is held by a thread that cannot run")
		}
	case gaspSysNanosleep:
	default:
		return gaspError(_ENOSYS)
	}
	return 0
}
