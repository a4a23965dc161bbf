package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

// gaspAction is struct kernel_sigaction (Linux arch/x86/include/uapi/asm/signal.h).
type gaspAction struct {
	handler, flags, restorer, mask uint64
}

const gaspSignals = 65

var (
	gaspActions     [gaspSignals]gaspAction
	gaspProcPending uint64 // sent to the process: any thread takes them
)

// gaspSignalFrame is what a signal handler finds on its stack (struct rt_sigframe).
type gaspSignalFrame struct {
	ret  uint64
	uc   ucontext
	info siginfo
}

func gaspSigaction(sig, new, old uint64) uint64 {
	if sig == 0 || sig >= gaspSignals {
		return gaspError(_EINVAL)
	}
	if old != 0 {
		*(*gaspAction)(gaspPointer(old)) = gaspActions[sig]
	}
	if new != 0 {
		gaspActions[sig] = *(*gaspAction)(gaspPointer(new))
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

// gaspSigaltstack reads and writes struct sigaltstack: address, flags, size.
func gaspSigaltstack(t *gaspThread, new, old uint64) {
	was := [3]uint64{t.altsp, 0, t.altsize}
	if t.altsize == 0 {
		was[1] = _SS_DISABLE
	}
	if new != 0 {
		s := (*[3]uint64)(gaspPointer(new))
		t.altsp, t.altsize = s[0], s[2]
		if uint32(s[1])&_SS_DISABLE != 0 {
			t.altsize = 0
		}
	}
	if old != 0 {
		*(*[3]uint64)(gaspPointer(old)) = was
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
		if gaspActions[sig].handler > 1 {
			gaspDeliver(t, sig, 0, 0)
			return
		}
	}
}

// gaspDeliver makes t run the handler of sig when it goes on, with a signal
// frame as Linux builds it (arch/x86/kernel/signal_64.c).
func gaspDeliver(t *gaspThread, sig, code, addr uint64) {
	const redZone = 128
	a := &gaspActions[sig]
	sp := t.sp - redZone
	if t.altsize != 0 && !(t.sp > t.altsp && t.sp <= t.altsp+t.altsize) {
		sp = t.altsp + t.altsize
	}
	sp = (sp - gaspFXSize) &^ (gaspFXAlign - 1)
	fx := sp
	sp = (sp-uint64(unsafe.Sizeof(gaspSignalFrame{})))&^15 - 8
	f := (*gaspSignalFrame)(gaspPointer(sp))
	memclrNoHeapPointers(unsafe.Pointer(f), unsafe.Sizeof(*f))
	f.ret = a.restorer
	f.info.si_signo = int32(sig)
	f.info.si_code = int32(code)
	f.info.si_addr = addr
	c := (*sigcontext)(unsafe.Pointer(&f.uc.uc_mcontext))
	c.r8, c.r9, c.r10, c.r11, c.r12, c.r13, c.r14, c.r15 = t.r8, t.r9, t.r10, t.r11, t.r12, t.r13, t.r14, t.r15
	c.rdi, c.rsi, c.rbp, c.rbx, c.rdx, c.rax, c.rcx = t.di, t.si, t.bp, t.bx, t.dx, t.ax, t.cx
	c.rsp, c.rip, c.eflags = t.sp, t.pc, t.flags
	c.err, c.trapno, c.cr2 = t.errcode, t.vector, t.cr2
	c.oldmask = t.mask
	if t.fxvalid != 0 {
		*(*uint64)(unsafe.Pointer(&c.fpstate)) = fx
		memmove(gaspPointer(fx), unsafe.Pointer(t.fx), gaspFXSize)
		t.fxvalid = 0
	}
	t.mask |= a.mask
	if a.flags&_SA_NODEFER == 0 {
		t.mask |= 1 << (sig - 1)
	}
	base := uint64(uintptr(unsafe.Pointer(f)))
	t.sp, t.pc = sp, a.handler
	t.di = sig
	t.si = base + uint64(unsafe.Offsetof(f.info))
	t.dx = base + uint64(unsafe.Offsetof(f.uc))
	t.ax = 0
	t.flags &^= gaspFlagTF | gaspFlagDF
}

const (
	_SA_NODEFER = 0x40000000
	gaspFlagTF  = 1 << 8
	gaspFlagDF  = 1 << 10
)

// gaspSigreturn undoes gaspDeliver: the handler has returned through the
// restorer, which has popped the frame's first word.
func gaspSigreturn(t *gaspThread) {
	f := (*gaspSignalFrame)(gaspPointer(t.sp - 8))
	c := (*sigcontext)(unsafe.Pointer(&f.uc.uc_mcontext))
	t.r8, t.r9, t.r10, t.r11, t.r12, t.r13, t.r14, t.r15 = c.r8, c.r9, c.r10, c.r11, c.r12, c.r13, c.r14, c.r15
	t.di, t.si, t.bp, t.bx, t.dx, t.ax, t.cx = c.rdi, c.rsi, c.rbp, c.rbx, c.rdx, c.rax, c.rcx
	t.sp, t.pc, t.flags = c.rsp, c.rip, c.eflags
	t.mask = c.oldmask
	if fx := *(*uint64)(unsafe.Pointer(&c.fpstate)); fx != 0 {
		memmove(unsafe.Pointer(t.fx), gaspPointer(fx), gaspFXSize)
		t.fxvalid = 1
	}
}
