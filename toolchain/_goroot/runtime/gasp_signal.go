package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

const gaspSignals = 65

var (
	gaspActions     [gaspSignals]sigactiont // struct kernel_sigaction
	gaspProcPending uint64                  // sent to the process: any thread takes them
)

func gaspSigaction(sig, new, old uint64) uint64 {
	if sig == 0 || sig >= gaspSignals {
		return gaspError(_EINVAL)
	}
	if old != 0 {
		*(*sigactiont)(gaspPointer(old)) = gaspActions[sig]
	}
	if new != 0 {
		gaspActions[sig] = *(*sigactiont)(gaspPointer(new))
	}
	return 0
}

func gaspSigprocmask(t *gaspThread, how, new, old uint64) {
	set := new
	if new != 0 {
		set = *(*uint64)(gaspPointer(new))
	}
	if old != 0 {
		*(*uint64)(gaspPointer(old)) = t.mask
	}
	if new == 0 {
		return
	}
	switch how {
	case _SIG_BLOCK:
		t.mask |= set
	case _SIG_UNBLOCK:
		t.mask &^= set
	case _SIG_SETMASK:
		t.mask = set
	}
}

// gaspSigaltstack reads and writes struct sigaltstack.
func gaspSigaltstack(t *gaspThread, new, old uint64) {
	sp, size, flags := t.altsp, t.altsize, int32(0)
	if size == 0 {
		flags = _SS_DISABLE
	}
	if new != 0 {
		s := (*stackt)(gaspPointer(new))
		t.altsp, t.altsize = uint64(uintptr(unsafe.Pointer(s.ss_sp))), uint64(s.ss_size)
		if s.ss_flags&_SS_DISABLE != 0 {
			t.altsize = 0
		}
	}
	if old != 0 {
		s := (*stackt)(gaspPointer(old))
		*(*uintptr)(unsafe.Pointer(&s.ss_sp)) = uintptr(sp) // without a write barrier
		s.ss_flags, s.ss_size = flags, uintptr(size)
	}
}

func gaspTgkill(tid, sig uint64) uint64 {
	if tid-1 >= kernel.MaxThreads || sig == 0 || sig >= 64 {
		return gaspError(_EINVAL)
	}
	t := &gaspThreads[tid-1]
	if !t.exists() {
		return gaspError(_EINVAL)
	}
	t.pending |= 1 << sig
	t.notice()
	return 0
}

// gaspKill sends a signal to the process: who takes it first has it.
func gaspKill(sig uint64) {
	gaspProcPending |= 1 << sig
	threads := gaspUsed()
	for i := range threads {
		if t := &threads[i]; t.exists() && gaspDeliverable(t) {
			t.notice()
			return
		}
	}
}

// notice makes t look for a signal that it can take: at once if it waits, or runs
// on another processor.
func (t *gaspThread) notice() {
	if !gaspDeliverable(t) {
		return
	}
	if t.waiting() {
		gaspWake(t, gaspError(_EINTR))
	}
	if cpu, ok := gaspSched.On(t.id); ok && uint64(cpu) != gaspThis().number {
		goosKick(uint64(cpu))
	}
}

func gaspDeliverable(t *gaspThread) bool {
	return (t.pending|gaspProcPending)&^(t.mask<<1) != 0
}

// gaspDeliverPending makes t run the handler of one pending signal. A sample for a profile comes first: the handler of
// another one may change where t goes on.
func gaspDeliverPending(t *gaspThread) {
	if !gaspDeliverable(t) {
		return
	}
	if gaspDeliverSample(t) {
		return
	}
	for sig := uint64(1); sig < 64; sig++ {
		bit := uint64(1) << sig
		if (t.pending|gaspProcPending)&bit == 0 || t.mask&(bit>>1) != 0 {
			continue
		}
		t.pending &^= bit
		gaspProcPending &^= bit
		if gaspActions[sig].sa_handler > 1 {
			gaspDeliver(t, sig, 0, 0)
			return
		}
	}
}

// signalStack is where the handler's stack begins: on the signal stack, if there is one
// and t is not on it, or else beyond its own, below what it may use without having
// moved the stack pointer.
func (t *gaspThread) signalStack(redZone uint64) uint64 {
	if t.altsize != 0 && !(t.sp > t.altsp && t.sp <= t.altsp+t.altsize) {
		return t.altsp + t.altsize
	}
	return t.sp - redZone
}

// block masks what is masked while the handler of sig runs.
func (t *gaspThread) block(sig uint64) {
	const noDefer = 0x40000000 // SA_NODEFER
	a := &gaspActions[sig]
	t.mask |= a.sa_mask
	if a.sa_flags&noDefer == 0 {
		t.mask |= 1 << (sig - 1)
	}
}
