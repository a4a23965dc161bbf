package runtime

import "internal/runtime/kernel"

// System calls about the one process there is: number 1, root's, without a parent
// (arch/x86/entry/syscalls/syscall_64.tbl).
const (
	gaspSysGetpid       = 39
	gaspSysSocket       = 41
	gaspSysSocketpair   = 53
	gaspSysUname        = 63
	gaspSysGettimeofday = 96
	gaspSysGetrlimit    = 97
	gaspSysGetrusage    = 98
	gaspSysTimes        = 100
	gaspSysGetuid       = 102
	gaspSysGetgid       = 104
	gaspSysGeteuid      = 107
	gaspSysGetegid      = 108
	gaspSysGetppid      = 110
	gaspSysGetpgrp      = 111
	gaspSysGetgroups    = 115
	gaspSysGetpgid      = 121
	gaspSysGetsid       = 124
	gaspSysSetrlimit    = 160
	gaspSysTime         = 201
	gaspSysClockGetres  = 229
	gaspSysPrlimit64    = 302
)

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
		t.ax = gaspPID
	case gaspSysGetpgid, gaspSysGetsid:
		t.ax = gaspPID
		if t.di > gaspPID {
			t.ax = gaspError(_ESRCH)
		}
	case gaspSysGetppid, gaspSysGetuid, gaspSysGetgid, gaspSysGeteuid, gaspSysGetegid, gaspSysGetgroups:
	case gaspSysSocket, gaspSysSocketpair:
		t.ax = gaspError(_EAFNOSUPPORT)
	case gaspSysUname:
		gaspUname(t.di)
	case gaspSysGetrusage:
		t.ax = gaspGetrusage(int32(t.di), t.si)
	case gaspSysTimes:
		const ticks = 1e9 / 100
		now := gaspUptime()
		if t.di != 0 {
			*(*[4]int64)(gaspPointer(t.di)) = [4]int64{now / ticks}
		}
		t.ax = uint64(now / ticks)
	case gaspSysSetitimer:
		t.ax = gaspSetitimer(t.di, t.si, t.dx)
	case gaspSysGettimeofday:
		now := gaspNow()
		if t.di != 0 {
			*(*[2]int64)(gaspPointer(t.di)) = [2]int64{now / 1e9, now % 1e9 / 1e3}
		}
		if t.si != 0 {
			*(*[2]int32)(gaspPointer(t.si)) = [2]int32{}
		}
	case gaspSysTime:
		t.ax = uint64(gaspNow() / 1e9)
		if t.di != 0 {
			*(*uint64)(gaspPointer(t.di)) = t.ax
		}
	case gaspSysClockGetres:
		if t.si != 0 {
			*(*[2]int64)(gaspPointer(t.si)) = [2]int64{0, 1}
		}
	case gaspSysGetrlimit:
		t.ax = gaspPrlimit(0, t.di, 0, t.si)
	case gaspSysSetrlimit:
		t.ax = gaspPrlimit(0, t.di, t.si, 0)
	case gaspSysPrlimit64:
		t.ax = gaspPrlimit(t.di, t.si, t.dx, t.r10)
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
	copy(u[4][:field-1], "x86_64")
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
		user, system [2]int64
		maxRSS       int64
		_            [13]int64
	}
	if who != self && who != thread && who != children {
		return gaspError(_EINVAL)
	}
	r := (*rusage)(gaspPointer(p))
	*r = rusage{}
	if who != children {
		now := gaspUptime()
		r.user = [2]int64{now / 1e9, now % 1e9 / 1e3}
		r.maxRSS = int64(gaspRAMUsed() / 1024)
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
