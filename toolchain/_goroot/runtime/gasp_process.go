package runtime

import "internal/runtime/kernel"

// System calls about the one process there is: number 1, root's, without a parent.

const (
	_ESRCH        = 3
	_EAFNOSUPPORT = 97

	gaspPID = 1
)

// gaspProcessCall performs the system calls of t about the process; it returns
// false if n is none of them.
func gaspProcessCall(t *gaspThread, n uint64) bool {
	switch n {
	case gaspSysGetpid, gaspSysGetpgrp:
		t.setResult(gaspPID)
	case gaspSysGetpgid, gaspSysGetsid:
		t.setResult(gaspPID)
		if t.arg(0) > gaspPID {
			t.setResult(gaspError(_ESRCH))
		}
	case gaspSysGetppid, gaspSysGetuid, gaspSysGetgid, gaspSysGeteuid, gaspSysGetegid, gaspSysGetgroups:
	case gaspSysSocket, gaspSysSocketpair:
		t.setResult(gaspError(_EAFNOSUPPORT))
	case gaspSysUname:
		gaspUname(t.arg(0))
	case gaspSysGetrusage:
		t.setResult(gaspGetrusage(int32(t.arg(0)), t.arg(1)))
	case gaspSysTimes:
		const ticks = 1e9 / 100
		now := gaspUptime()
		if t.arg(0) != 0 {
			*(*[4]int)(gaspPointer(t.arg(0))) = [4]int{int(now / ticks)}
		}
		t.setResult(uint64(now / ticks))
	case gaspSysSetitimer:
		t.setResult(gaspSetitimer(t.arg(0), t.arg(1), t.arg(2)))
	case gaspSysGettimeofday:
		now := gaspNow()
		if t.arg(0) != 0 {
			*(*gaspTimeval)(gaspPointer(t.arg(0))) = gaspMicros(now)
		}
		if t.arg(1) != 0 {
			*(*[2]int32)(gaspPointer(t.arg(1))) = [2]int32{}
		}
	case gaspSysTime:
		t.setResult(uint64(gaspNow() / 1e9))
		if t.arg(0) != 0 {
			*(*uint)(gaspPointer(t.arg(0))) = uint(t.result())
		}
	case gaspSysClockGetres:
		if t.arg(1) != 0 {
			*(*gaspTimespec)(gaspPointer(t.arg(1))) = gaspTime(1)
		}
	case gaspSysGetrlimit:
		t.setResult(gaspPrlimit(0, t.arg(0), 0, t.arg(1)))
	case gaspSysSetrlimit:
		t.setResult(gaspPrlimit(0, t.arg(0), t.arg(1), 0))
	case gaspSysPrlimit64:
		t.setResult(gaspPrlimit(t.arg(0), t.arg(1), t.arg(2), t.arg(3)))
	default:
		return false
	}
	return true
}

// gaspKillProcess sends a signal to the process, as kill(2). One that would end it at
// once, whatever handler there is, does.
func gaspKillProcess(t *gaspThread, pid, sig uint64) uint64 {
	const sigkill, sigstop, bySignal = 9, 19, 128
	switch p := int32(pid); {
	case sig >= gaspSignals:
		return gaspError(_EINVAL)
	case p != gaspPID && p != 0 && p != -1 && p != -gaspPID:
		return gaspError(_ESRCH)
	case sig == 0, sig == sigstop: // nobody could let it go on
	case sig == sigkill:
		gaspExitGroup(t, bySignal+sigkill)
	case sig < 64:
		gaspKill(sig)
	}
	return 0
}

// gaspUname fills in struct new_utsname. It does not say that this is Linux: who
// asks for its version wants to know what it can do.
func gaspUname(p uint64) {
	const field = 65
	u := (*[6][field]byte)(gaspPointer(p))
	*u = [6][field]byte{}
	copy(u[0][:field-1], "gasp")
	copy(u[1][:field-1], goosHostname())
	copy(u[2][:field-1], "0.0.0")
	copy(u[3][:field-1], buildVersion)
	copy(u[4][:field-1], gaspMachine)
	copy(u[5][:field-1], "(none)")
}

// gaspUptime is the time since the program was started, in ns.
func gaspUptime() int64 {
	if runtimeInitTime == 0 {
		return 0
	}
	return max(0, gaspNow()-runtimeInitTime)
}

// gaspGetrusage fills in struct rusage: what time has passed is the process's, for
// nobody else is there. Memory is in KiB.
func gaspGetrusage(who int32, p uint64) uint64 {
	const self, thread, children = 0, 1, -1
	type rusage struct {
		user, system gaspTimeval
		maxRSS       int
		_            [13]int
	}
	if who != self && who != thread && who != children {
		return gaspError(_EINVAL)
	}
	r := (*rusage)(gaspPointer(p))
	*r = rusage{}
	if who != children {
		r.user = gaspMicros(gaspUptime())
		r.maxRSS = int(gaspRAMUsed() / 1024)
	}
	return 0
}

// gaspRAMUsed is how many bytes of RAM are not free.
func gaspRAMUsed() uintptr { return gaspRAMParts.Size() - gaspRAM.Free() }

// gaspPrlimit is prlimit64: what has a limit here is the number of files, and it
// does not change.
func gaspPrlimit(pid, resource, new, old uint64) uint64 {
	const nofile, resources, infinity = 7, 16, 1<<64 - 1
	limit := [2]uint64{infinity, infinity}
	switch {
	case pid != 0 && pid != gaspPID:
		return gaspError(_ESRCH)
	case resource >= resources:
		return gaspError(_EINVAL)
	case resource == nofile:
		limit = [2]uint64{kernel.MaxFiles, kernel.MaxFiles}
	}
	if new != 0 {
		want := *(*[2]uint64)(gaspPointer(new))
		switch {
		case want[0] > want[1]:
			return gaspError(_EINVAL)
		case want[1] > limit[1]:
			return gaspError(_EPERM)
		}
	}
	if old != 0 {
		*(*[2]uint64)(gaspPointer(old)) = limit
	}
	return 0
}

const _EPERM = 1
