package runtime

import "unsafe"

// gaspContext is the registers of a thread. What every architecture has: pc, sp and
// g, fxvalid, and the methods here.
type gaspContext struct {
	r         [13]uint32
	lr, cpsr  uint32
	first     uint32 // R0 as a system call found it: that of the result, too
	fpscr     uint32 // a system call keeps it
	fxvalid   uint32 // fx is to be restored
	pc, sp, g uint64

	vector, errcode, addr uint64 // of the last exception or interrupt
	fx                    gaspVFP
}

// gaspVFP is D0 to D31 and FPSCR.
type gaspVFP struct {
	d     [32]uint64
	fpscr uint32
}

// gaspExceptionFrame is what a vector saves of what it interrupts, in a place that belongs to
// its mode.
type gaspExceptionFrame struct {
	r        [13]uint32
	sp, lr   uint32
	pc, cpsr uint32
	_        uint32
}

// gaspFrameSize is the size of a gaspExceptionFrame.
const gaspFrameSize = 18 * 4

//go:nosplit
func (c *gaspContext) init() { c.cpsr = gaspModeSystem }

// gaspModeSystem is the status of a thread: System mode, interrupts on.
const gaspModeSystem = 0x1f

// call is the number of the system call that the thread makes. Go makes two for one thing.
func (c *gaspContext) call() uint64 {
	const fcntl = 55
	if c.r[7] == fcntl {
		return gaspSysFcntl
	}
	return uint64(c.r[7])
}

// arg is argument i of the system call. It stays what it is when the result is set.
// A number is signed where it matters; an address is cut to its size wherever it is
// used as one.
func (c *gaspContext) arg(i int) uint64 {
	switch {
	case i == 0:
		return uint64(int32(c.first))
	case i == 3 && c.r[7] == gaspSysPread64: // an even register, and the next one
		return uint64(c.r[4]) | uint64(c.r[5])<<32
	case i == 1 && c.r[7] == gaspSysLseek: // the high half is the first
		return uint64(c.r[1])<<32 | uint64(c.r[2])
	case i == 2 && c.r[7] == gaspSysLseek:
		return uint64(c.r[4])
	}
	return uint64(int32(c.r[i]))
}

// result is what the system call returns.
func (c *gaspContext) result() uint64     { return uint64(int32(c.r[0])) }
func (c *gaspContext) setResult(v uint64) { c.r[0] = uint32(v) }

// setPosition is the result of _llseek: the position goes to an address, an error is what the call returns.
func (c *gaspContext) setPosition(v uint64) {
	if int64(v) >= 0 {
		*(*uint64)(unsafe.Pointer(uintptr(c.r[3]))) = v
		v = 0
	}
	c.setResult(v)
}

// cloneTLS is the argument of clone(2) that is the new thread's TLS. Go's threads
// have none here: g is in a register.
func (c *gaspContext) cloneTLS() uint64 { return c.arg(3) }
func (c *gaspContext) setTLS(uint64)    {}

// point is where the thread is.
func (c *gaspContext) point() gaspPoint {
	return gaspPoint{pc: uintptr(c.pc), sp: uintptr(c.sp), lr: uintptr(c.lr)}
}

// stopped makes c what an exception found.
func (c *gaspContext) stopped(f *gaspRegisters) {
	c.pc, c.sp, c.lr, c.g = f.pc, f.regs[gaspRegSP], uint32(f.regs[gaspRegLR]), f.g
}

// gaspRegs is the number of registers in a report: R0 to R12, SP, LR and CPSR.
const (
	gaspRegs    = 16
	gaspRegG    = 10
	gaspRegSP   = 13
	gaspRegLR   = 14
	gaspRegCPSR = 15
)

// gaspRegisters is what an exception interrupted. The assembly fills it. What every
// architecture has: pc, addr, vector, errcode, regs, g and kernel.
type gaspRegisters struct {
	pc, addr, vector, errcode uint64
	regs                      [gaspRegs]uint64
	g                         uint64
	kernel                    uint64 // not 0: it was in the kernel
}

// point is where it was.
func (f *gaspRegisters) point() gaspPoint {
	return gaspPoint{pc: uintptr(f.pc), sp: uintptr(f.regs[gaspRegSP]), lr: uintptr(f.regs[gaspRegLR])}
}

// findG sets g.
func (f *gaspRegisters) findG() { f.g = f.regs[gaspRegG] }

// take makes f what the last exception of a thread found.
func (f *gaspRegisters) take(c *gaspContext) {
	f.pc, f.vector, f.errcode, f.addr = c.pc, c.vector, c.errcode, c.addr
	f.g, f.kernel = c.g, 0
	for i, v := range c.r {
		f.regs[i] = uint64(v)
	}
	f.regs[gaspRegSP], f.regs[gaspRegLR], f.regs[gaspRegCPSR] = c.sp, uint64(c.lr), uint64(c.cpsr)
}

// gaspMachine is what uname(2) calls the architecture.
const gaspMachine = "armv7l"

// shown is the registers as a report has them.
func (f *gaspRegisters) shown() *[gaspRegs]uint64 { return &f.regs }
