package runtime

import "unsafe"

// gaspSignalFrame is what a signal handler finds on its stack (struct rt_sigframe).
type gaspSignalFrame struct {
	ret  uint64
	uc   ucontext
	info siginfo
}

// gaspDeliver makes t run the handler of sig when it goes on, with a signal
// frame as Linux builds it (arch/x86/kernel/signal_64.c).
func gaspDeliver(t *gaspThread, sig, code, addr uint64) {
	const redZone = 128
	a := &gaspActions[sig]
	sp := (t.signalStack(redZone) - gaspFXSize) &^ (gaspFXAlign - 1)
	fx := sp
	sp = (sp-uint64(unsafe.Sizeof(gaspSignalFrame{})))&^15 - 8
	f := (*gaspSignalFrame)(gaspPointer(sp))
	memclrNoHeapPointers(unsafe.Pointer(f), unsafe.Sizeof(*f))
	f.ret = uint64(a.sa_restorer)
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
	t.block(sig)
	base := uint64(uintptr(unsafe.Pointer(f)))
	t.sp, t.pc = sp, uint64(a.sa_handler)
	t.di = sig
	t.si = base + uint64(unsafe.Offsetof(f.info))
	t.dx = base + uint64(unsafe.Offsetof(f.uc))
	t.ax = 0
	t.flags &^= gaspFlagTF | gaspFlagDF
}

const (
	gaspFlagTF = 1 << 8
	gaspFlagDF = 1 << 10
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
