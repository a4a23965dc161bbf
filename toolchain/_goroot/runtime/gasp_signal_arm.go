package runtime

import "unsafe"

// gaspSignalFrame is what a signal handler finds on its stack (Linux
// arch/arm/kernel/signal.c, struct rt_sigframe).
type gaspSignalFrame struct {
	info siginfo
	uc   ucontext
}

// gaspVFPFrame is in uc_regspace (arch/arm/include/asm/ucontext.h, struct
// vfp_sigframe).
type gaspVFPFrame struct {
	magic, size uint32
	gaspVFP
}

const (
	gaspVFPMagic     = 0x56465001
	gaspVFPFrameSize = 288
)

// gaspDeliver makes t run the handler of sig when it goes on, with a signal
// frame as Linux builds it.
func gaspDeliver(t *gaspThread, sig, code, addr uint64) {
	sp := (t.signalStack(0) - uint64(unsafe.Sizeof(gaspSignalFrame{}))) &^ 7
	f := (*gaspSignalFrame)(gaspPointer(sp))
	memclrNoHeapPointers(unsafe.Pointer(f), unsafe.Sizeof(*f))
	f.info.si_signo = int32(sig)
	f.info.si_code = int32(code)
	f.info.si_addr = uint32(addr)
	c := &f.uc.uc_mcontext
	c.trap_no, c.error_code, c.fault_address = uint32(t.vector), uint32(t.errcode), uint32(t.addr)
	c.oldmask = uint32(t.mask)
	*(*uint64)(unsafe.Pointer(&f.uc.uc_sigmask)) = t.mask
	*(*[13]uint32)(unsafe.Pointer(&c.r0)) = t.r
	c.sp, c.lr, c.pc, c.cpsr = uint32(t.sp), t.lr, uint32(t.pc), t.cpsr
	if t.fxvalid != 0 {
		v := (*gaspVFPFrame)(unsafe.Pointer(&f.uc.uc_regspace))
		v.magic, v.size, v.gaspVFP = gaspVFPMagic, gaspVFPFrameSize, t.fx
		t.fxvalid = 0
	}
	t.block(sig)
	t.sp, t.pc = sp, uint64(gaspActions[sig].sa_handler)
	t.r[0] = uint32(sig)
	t.r[1] = uint32(uintptr(unsafe.Pointer(&f.info)))
	t.r[2] = uint32(uintptr(unsafe.Pointer(&f.uc)))
	t.lr = uint32(gaspSignalReturnPC())
}

// gaspSignalReturnPC returns the address of what a handler returns to.
func gaspSignalReturnPC() uintptr

// gaspSigreturn undoes gaspDeliver: the handler has returned.
func gaspSigreturn(t *gaspThread) {
	f := (*gaspSignalFrame)(gaspPointer(t.sp))
	c := &f.uc.uc_mcontext
	t.r = *(*[13]uint32)(unsafe.Pointer(&c.r0))
	t.sp, t.lr, t.pc, t.cpsr = uint64(c.sp), c.lr, uint64(c.pc), c.cpsr
	t.mask = *(*uint64)(unsafe.Pointer(&f.uc.uc_sigmask))
	if v := (*gaspVFPFrame)(unsafe.Pointer(&f.uc.uc_regspace)); v.magic == gaspVFPMagic {
		t.fx = v.gaspVFP
		t.fxvalid = 1
	}
}
