// A kernel below the runtime. The runtime and the standard library
// are those of linux/amd64; where they would execute SYSCALL they come here
// (gasp_entry_amd64.s), on a stack and a g of the kernel's own, with interrupts
// off. It answers what Go on Linux asks for: memory, threads, futexes, time,
// signals, and writes to standard output. Anything else gets ENOSYS.

package runtime

import "unsafe"

var (
	gaspUp bool
)

// Linux system calls (arch/x86/entry/syscalls/syscall_64.tbl), and one of ours.
const (
	gaspSysRead          = 0
	gaspSysWrite         = 1
	gaspSysOpen          = 2
	gaspSysClose         = 3
	gaspSysMmap          = 9
	gaspSysMprotect      = 10
	gaspSysMunmap        = 11
	gaspSysRtSigaction   = 13
	gaspSysRtSigprocmask = 14
	gaspSysRtSigreturn   = 15
	gaspSysMadvise       = 28
	gaspSysSchedYield    = 24
	gaspSysNanosleep     = 35
	gaspSysClone         = 56
	gaspSysExit          = 60
	gaspSysKill          = 62
	gaspSysSigaltstack   = 131
	gaspSysArchPrctl     = 158 // answered in gasp_entry_amd64.s
	gaspSysGettid        = 186
	gaspSysTkill         = 200
	gaspSysFutex         = 202
	gaspSysSchedGetaffin = 204
	gaspSysClockGettime  = 228
	gaspSysExitGroup     = 231
	gaspSysTgkill        = 234
	gaspSysGetrandom     = 318
	gaspFutexPrivate     = 128
	gaspCloneThread      = 0x10000
	gaspCloneSetTLS      = 0x80000
	_ETIMEDOUT           = 110
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

// gaspCall performs the system call of t: arguments in DI SI DX R10 R8 R9, the
// result in AX. It reports whether t gives way to other threads.
func gaspCall(t *gaspThread) (yield bool) {
	n := t.ax
	t.ax = 0
	switch n {
	case gaspSysMprotect, gaspSysMadvise:
	case gaspSysMmap:
		gaspMmap(t)
	case gaspSysMunmap:
		t.ax = gaspMunmap(t.di, t.si)
	case gaspSysRtSigaction:
		t.ax = gaspSigaction(t.di, t.si, t.dx)
	case gaspSysRtSigprocmask:
		gaspSigprocmask(t, t.di, t.si, t.dx)
	case gaspSysRtSigreturn:
		gaspSigreturn(t)
	case gaspSysSigaltstack:
		gaspSigaltstack(t, t.di, t.si)
	case gaspSysSchedYield:
		return true
	case gaspSysNanosleep:
		gaspWait(t, 0, max(1, gaspDeadline(t.di)), 0)
	case gaspSysGettid:
		t.ax = uint64(t.id)
	case gaspSysClone:
		if t.di&gaspCloneThread == 0 {
			t.ax = gaspError(_ENOSYS) // fork, vfork
		} else {
			t.ax = gaspClone(t, t.di, t.si, t.r8)
		}
	case gaspSysExit:
		gaspSched.Exit(int(gaspThis().number))
	case gaspSysKill:
		t.ax = gaspKillProcess(t, t.di, t.si)
	case gaspSysTkill:
		t.ax = gaspTgkill(t.di, t.si)
	case gaspSysTgkill:
		t.ax = gaspTgkill(t.si, t.dx)
	case gaspSysFutex:
		switch t.si &^ gaspFutexPrivate {
		case 0: // FUTEX_WAIT
			if *(*uint32)(gaspPointer(t.di)) != uint32(t.dx) {
				t.ax = gaspError(_EAGAIN)
				return false
			}
			gaspWait(t, t.di, gaspDeadline(t.r10), gaspError(_ETIMEDOUT))
		case 1: // FUTEX_WAKE
			t.ax = gaspWakeWaiters(t.di, t.dx)
		default:
			t.ax = gaspError(_ENOSYS)
		}
	case gaspSysSchedGetaffin:
		if t.si < 8 {
			t.ax = gaspError(_EINVAL)
			return false
		}
		*(*uint64)(gaspPointer(t.dx)) = 1<<gaspNCPU - 1
		t.ax = 8
	case gaspSysClockGettime:
		now := gaspNow()
		ts := (*[2]int64)(gaspPointer(t.si))
		ts[0], ts[1] = now/1e9, now%1e9
	case gaspSysGetrandom:
		t.ax = gaspRandom(t.di, t.si)
	case gaspSysExitGroup:
		gaspExitGroup(t, int32(t.di))
	default:
		if !gaspFileCall(t, n) && !gaspProcessCall(t, n) {
			t.ax = gaspError(_ENOSYS)
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
		now := gaspNow()
		ts := (*[2]int64)(gaspPointer(a2))
		ts[0], ts[1] = now/1e9, now%1e9
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
