package runtime

import "unsafe"

// CPU exceptions (Intel SDM volume 3, 6.15). Those of the runtime's threads
// become signals, as Linux does it (arch/x86/kernel/traps.c), so that the
// runtime turns a nil dereference into a panic and the rest into a fatal error.

// gaspFault is the last exception: the registers that a report shows if the
// program dies of it. The assembly knows its layout.
var gaspFault struct {
	pc, addr, vector, errcode uint64
	regs                      [gaspRegs]uint64
}

const (
	gaspIRQ0       = 32 // the first vector that is no exception
	gaspVecPage    = 14
	gaspSegvMaperr = 1
	gaspFpeIntdiv  = 1
	gaspSiKernel   = 0x80
)

// gaspTrap is called with the registers of gaspCur saved.
func gaspTrapped() {
	t := gaspCur
	t.fxvalid = 1
	memmove(unsafe.Pointer(&t.fx), gaspFXImage(), unsafe.Sizeof(t.fx))
	if t.vector >= gaspIRQ0 {
		gaspArmed = 0
		goosInterrupt(t.vector)
		gaspSchedule(true) // the end of a time slice
		return
	}
	var sig, code, addr uint64
	switch t.vector {
	case 0:
		sig, code, addr = _SIGFPE, gaspFpeIntdiv, t.pc
	case 16, 19:
		sig, code, addr = _SIGFPE, 0, t.pc
	case 1, 3:
		sig, code = _SIGTRAP, 1
	case 6:
		sig, code, addr = _SIGILL, 1, t.pc
	case 17:
		sig, code = _SIGBUS, 1
	case gaspVecPage:
		sig, code, addr = _SIGSEGV, gaspSegvMaperr, t.cr2
	default:
		sig, code = _SIGSEGV, gaspSiKernel
	}
	gaspSaveFault(t)
	if gaspActions[sig].handler <= 1 || t.mask&(1<<(sig-1)) != 0 {
		gaspFatalTrap()
	}
	gaspDeliver(t, sig, code, addr)
	gaspSchedule(false)
}

// The stack, g and TLS that the last words come from when an exception cannot
// become a signal. They are used for nothing else.
var (
	gaspCrashG     g
	gaspCrashM     m
	gaspCrashStack [64 << 10]byte
	gaspCrashTLS   [1]uintptr
)

// gaspSaveFault keeps the registers of an exception for a report.
func gaspSaveFault(t *gaspThread) {
	f := &gaspFault
	f.pc, f.vector, f.errcode, f.addr = t.pc, t.vector, t.errcode, 0
	if t.vector == gaspVecPage {
		f.addr = t.cr2
	}
	f.regs = [gaspRegs]uint64{t.ax, t.bx, t.cx, t.dx, t.si, t.di, t.bp, t.sp,
		t.r8, t.r9, t.r10, t.r11, t.r12, t.r13, t.r14, t.r15, t.flags}
}

func gaspFXImage() unsafe.Pointer {
	return unsafe.Pointer(alignUp(uintptr(unsafe.Pointer(&gaspFXRaw)), 16))
}

// The kernel's descriptor tables (Intel SDM volume 3, 6.10 and 7.7).
var (
	gaspGDT [5]uint64
	gaspTSS [13]uint64
	gaspIDT [256][2]uint64

	gaspISTTrap [16 << 10]byte
	gaspISTDF   [8 << 10]byte
	gaspISTNMI  [8 << 10]byte
	gaspISTMC   [8 << 10]byte
)

// Interrupt stack table entries by vector: what can come while another one is
// being handled has a stack of its own.
const (
	gaspVecNMI          = 2
	gaspVecDoubleFault  = 8
	gaspVecMachineCheck = 18
)

// gaspGates fills the interrupt descriptor table. It runs before the runtime
// does, on the boot stack.
//
//go:nosplit
func gaspGates() {
	for i := range gaspIDT {
		ist := uint64(1)
		switch i {
		case gaspVecDoubleFault:
			ist = 2
		case gaspVecNMI:
			ist = 3
		case gaspVecMachineCheck:
			ist = 4
		}
		const code, interruptGate = 0x08, 0x8e
		a := uint64(gaspVectorPC(uintptr(i)))
		gaspIDT[i][0] = a&0xffff | code<<16 | ist<<32 | interruptGate<<40 | a>>16&0xffff<<48
		gaspIDT[i][1] = a >> 32
	}
}

// gaspVectorPC returns the entry point of vector i.
func gaspVectorPC(i uintptr) uintptr
