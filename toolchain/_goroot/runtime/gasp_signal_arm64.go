package runtime

import (
	"internal/abi"
	"unsafe"
)

// gaspSignalFrame is what a signal handler finds on its stack (struct rt_sigframe,
// and the record that ends its chain of frame pointers).
type gaspSignalFrame struct {
	info   siginfo
	uc     ucontext
	record [2]uint64
}

// gaspFloats is struct fpsimd_context, the part of a sigcontext that holds the
// floating point registers (arch/arm64/include/uapi/asm/sigcontext.h).
type gaspFloats struct {
	magic, size uint32
	fpsr, fpcr  uint32
	v           [32][2]uint64
}

const gaspFloatsMagic = 0x46508001

// gaspDeliver makes t run the handler of sig when it goes on, with a signal
// frame as Linux builds it (arch/arm64/kernel/signal.c).
func gaspDeliver(t *gaspThread, sig, code, addr uint64) {
	a := &gaspActions[sig]
	sp := (t.signalStack(0) - uint64(unsafe.Sizeof(gaspSignalFrame{}))) &^ 15
	f := (*gaspSignalFrame)(gaspPointer(sp))
	const beforeParts = unsafe.Offsetof(f.uc) + unsafe.Offsetof(f.uc.uc_mcontext) + unsafe.Offsetof(f.uc.uc_mcontext.__reserved)
	memclrNoHeapPointers(unsafe.Pointer(f), beforeParts)
	f.info.si_signo = int32(sig)
	f.info.si_code = int32(code)
	f.info.si_addr = addr
	c := &f.uc.uc_mcontext
	c.regs, c.sp, c.pc, c.pstate = t.r, t.sp, t.pc, t.pstate
	c.fault_address = t.far
	f.uc.uc_sigmask = t.mask
	floats := (*gaspFloats)(unsafe.Pointer(&c.__reserved))
	if t.fxvalid != 0 {
		floats.magic, floats.size = gaspFloatsMagic, uint32(unsafe.Sizeof(*floats))
		floats.fpsr, floats.fpcr, floats.v = uint32(t.fx.fpsr), uint32(t.fx.fpcr), t.fx.v
		*(*[2]uint32)(add(unsafe.Pointer(floats), unsafe.Sizeof(*floats))) = [2]uint32{} // no more parts
		t.fxvalid = 0
	} else {
		floats.magic, floats.size = 0, 0
	}
	f.record = [2]uint64{t.r[gaspRegBP], t.pc}
	t.block(sig)
	t.r[0] = sig
	t.r[1] = sp + uint64(unsafe.Offsetof(f.info))
	t.r[2] = sp + uint64(unsafe.Offsetof(f.uc))
	t.r[gaspRegBP] = sp + uint64(unsafe.Offsetof(f.record))
	t.r[gaspRegLR] = uint64(abi.FuncPCABI0(gaspSigreturnCode))
	t.sp, t.pc = sp, uint64(a.sa_handler)
	t.pstate &^= gaspPstateDebug
}

// gaspPstateDebug is the state of a single step, and of a kind of branch that an
// indirect one would have to meet: SS and BTYPE.
const gaspPstateDebug = 1<<21 | 3<<10

// gaspSigreturnCode is where a handler returns to; Linux has it in its vDSO.
func gaspSigreturnCode()

// gaspSigreturn undoes gaspDeliver.
func gaspSigreturn(t *gaspThread) {
	f := (*gaspSignalFrame)(gaspPointer(t.sp))
	c := &f.uc.uc_mcontext
	t.r, t.sp, t.pc, t.pstate = c.regs, c.sp, c.pc, c.pstate&gaspPstateThread
	t.g = t.r[gaspRegG]
	t.mask = f.uc.uc_sigmask
	if floats := (*gaspFloats)(unsafe.Pointer(&c.__reserved)); floats.magic == gaspFloatsMagic {
		t.fx.fpsr, t.fx.fpcr, t.fx.v = uint64(floats.fpsr), uint64(floats.fpcr), floats.v
		t.fxvalid = 1
	}
}

// gaspPstateThread is what of PSTATE a program may choose: flags, DIT, SSBS and masks. The
// mode stays EL1 with SP_EL0.
const gaspPstateThread = 0xf<<28 | 1<<24 | 1<<12 | 0xf<<6 | 4
