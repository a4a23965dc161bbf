package runtime

import "unsafe"

// gaspContext is the registers of a thread. What every architecture has: pc, sp and
// g, fxvalid, and the methods here.
type gaspContext struct {
	ax, bx, cx, dx, si, di, bp, sp       uint64
	r8, r9, r10, r11, r12, r13, r14, r15 uint64
	pc, flags, fs, g                     uint64
	fx                                   uintptr // to fxRoom, aligned: floating point and vector registers
	fxvalid                              uint64  // fx is to be restored
	mxcsr                                uint64  // if not, this is: a system call keeps it
	vector, errcode, cr2                 uint64  // of the last exception or interrupt

	fxRoom [gaspFXSize + gaspFXAlign]byte
}

const (
	// gaspFXSize is room for x87, SSE, AVX and AVX-512 state (Intel SDM volume 1,
	// 13.4 and table 13-1).
	gaspFXSize   = 2752
	gaspFXHeader = 512 // offset of the header
	gaspFXAlign  = 64
)

var (
	gaspXSAVE uint8  // the CPU has XSAVE; otherwise FXSAVE has to do
	gaspXCR0  uint32 // the state that XSAVE keeps
)

// init prepares a context where it lies: it aligns fx. XSAVE leaves most of the area's
// header as it is, and XRSTOR wants zeros there (13.4.2).
//
//go:nosplit
func (c *gaspContext) init() {
	c.fx = alignUp(uintptr(unsafe.Pointer(&c.fxRoom)), gaspFXAlign)
	*(*[8]uint64)(unsafe.Pointer(c.fx + gaspFXHeader)) = [8]uint64{}
}

// call is the number of the system call that the thread makes.
func (c *gaspContext) call() uint64 { return c.ax }

// arg is argument i of the system call. It stays what it is when the result is set.
func (c *gaspContext) arg(i int) uint64 {
	switch i {
	case 0:
		return c.di
	case 1:
		return c.si
	case 2:
		return c.dx
	case 3:
		return c.r10
	case 4:
		return c.r8
	}
	return c.r9
}

// result is what the system call returns.
func (c *gaspContext) result() uint64     { return c.ax }
func (c *gaspContext) setResult(v uint64) { c.ax = v }

// setPosition is the result of lseek.
func (c *gaspContext) setPosition(v uint64) { c.setResult(v) }

// cloneTLS is the argument of clone(2) that is the new thread's TLS.
func (c *gaspContext) cloneTLS() uint64  { return c.r8 }
func (c *gaspContext) setTLS(tls uint64) { c.fs = tls }

// point is where the thread is.
func (c *gaspContext) point() gaspPoint {
	return gaspPoint{pc: uintptr(c.pc), sp: uintptr(c.sp), bp: uintptr(c.bp)}
}

// stopped makes c what an exception found.
func (c *gaspContext) stopped(f *gaspRegisters) {
	c.pc, c.sp, c.bp, c.g = f.pc, f.regs[gaspRegSP], f.regs[gaspRegBP], gaspTLSG(f.fs)
}

// gaspRegs is the number of registers in a report: AX BX CX DX SI DI BP SP
// R8..R15 FLAGS.
const (
	gaspRegs  = 17
	gaspRegBP = 6
	gaspRegSP = 7
)

// gaspRegisters is what an exception interrupted. The assembly fills it. What every
// architecture has: pc, addr, vector, errcode, regs, g and kernel.
type gaspRegisters struct {
	pc, addr, vector, errcode uint64
	regs                      [gaspRegs]uint64
	fs                        uint64 // FS base
	g                         uint64 // in TLS
	kernel                    uint64 // not 0: it was in the kernel
}

// point is where it was.
func (f *gaspRegisters) point() gaspPoint {
	return gaspPoint{pc: uintptr(f.pc), sp: uintptr(f.regs[gaspRegSP]), bp: uintptr(f.regs[gaspRegBP])}
}

// findG sets g.
func (f *gaspRegisters) findG() { f.g = gaspTLSG(f.fs) }

// take makes f what the last exception of a thread found.
func (f *gaspRegisters) take(c *gaspContext) {
	f.pc, f.vector, f.errcode, f.addr = c.pc, c.vector, c.errcode, 0
	if f.pageFault() {
		f.addr = c.cr2
	}
	f.fs, f.g, f.kernel = c.fs, c.g, 0
	f.regs = [gaspRegs]uint64{c.ax, c.bx, c.cx, c.dx, c.si, c.di, c.bp, c.sp,
		c.r8, c.r9, c.r10, c.r11, c.r12, c.r13, c.r14, c.r15, c.flags}
}

// gaspTLSG reads g from a TLS, by its FS base; 0 if there can be none.
func gaspTLSG(fs uint64) uint64 {
	if !gaspInRAM(uintptr(fs-8), 8) {
		return 0
	}
	return uint64(gaspWord(uintptr(fs - 8)))
}

// gaspMachine is what uname(2) calls the architecture.
const gaspMachine = "x86_64"

// shown is the registers as a report has them.
func (f *gaspRegisters) shown() *[gaspRegs]uint64 { return &f.regs }
