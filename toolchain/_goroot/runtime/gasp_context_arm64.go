package runtime

// gaspContext is the registers of a thread. What every architecture has: pc, sp and
// g, fxvalid, and the methods here.
type gaspContext struct {
	r              [31]uint64
	sp, pc, pstate uint64
	g              uint64 // r[28]
	first          uint64 // first argument of the system call, which the result replaces in r[0]
	fxvalid        uint64 // fx is to be restored
	vector         uint64 // of the last exception or interrupt (gasp_exceptions_arm64.go)
	errcode, far   uint64
	mask           uint64 // of interrupts, by priority (goos.Mask); 0: that is not how they are masked
	fx             gaspVectors
}

// gaspVectors is the floating point and vector registers. Go knows no others (SVE
// stays off).
type gaspVectors struct {
	v          [32][2]uint64
	fpsr, fpcr uint64 // a system call keeps these, the rest is the caller's to keep
}

func (c *gaspContext) init() {}

// call is the number of the system call that the thread makes.
func (c *gaspContext) call() uint64 { return c.r[8] }

// arg is argument i of the system call. It stays what it is when the result is set.
func (c *gaspContext) arg(i int) uint64 {
	if i == 0 {
		return c.first
	}
	return c.r[i]
}

// result is what the system call returns.
func (c *gaspContext) result() uint64     { return c.r[0] }
func (c *gaspContext) setResult(v uint64) { c.r[0] = v }

// setPosition is the result of lseek.
func (c *gaspContext) setPosition(v uint64) { c.setResult(v) }

// cloneTLS is the argument of clone(2) that is the new thread's TLS. Without cgo
// nobody uses one.
func (c *gaspContext) cloneTLS() uint64  { return c.r[3] }
func (c *gaspContext) setTLS(tls uint64) {}

// point is where the thread is.
func (c *gaspContext) point() gaspPoint {
	return gaspPoint{pc: uintptr(c.pc), sp: uintptr(c.sp), bp: uintptr(c.r[29]), lr: uintptr(c.r[30])}
}

// stopped makes c what an exception found.
func (c *gaspContext) stopped(f *gaspRegisters) {
	c.r, c.pc, c.sp, c.g = f.r, f.pc, f.sp, f.r[gaspRegG]
}

// gaspRegs is the number of registers in a report: SP, PSTATE, x30, x29, and x0 to
// x28 without x18, which Go leaves alone. The first frame may have no room for the last ones.
const (
	gaspRegs  = 32
	gaspRegG  = 28
	gaspRegBP = 29
	gaspRegLR = 30
)

// gaspRegisters is what an exception interrupted. The assembly fills it. What every
// architecture has: pc, addr, vector, errcode, g and kernel.
type gaspRegisters struct {
	pc, addr, vector, errcode uint64
	r                         [31]uint64
	sp, pstate                uint64
	own                       uint64 // SP_EL1
	g                         uint64
	kernel                    uint64 // not 0: it was in the kernel
	mask                      uint64 // of interrupts, to go back to; 0: it is the same
	regs                      [gaspRegs]uint64
}

// shown is the registers as a report has them.
func (f *gaspRegisters) shown() *[gaspRegs]uint64 {
	f.regs[0], f.regs[1], f.regs[2], f.regs[3] = f.sp, f.pstate, f.r[30], f.r[29]
	copy(f.regs[4:], f.r[:18])
	copy(f.regs[22:], f.r[19:29])
	return &f.regs
}

// point is where it was.
func (f *gaspRegisters) point() gaspPoint {
	return gaspPoint{pc: uintptr(f.pc), sp: uintptr(f.sp), bp: uintptr(f.r[gaspRegBP]), lr: uintptr(f.r[gaspRegLR])}
}

// findG sets g.
func (f *gaspRegisters) findG() { f.g = f.r[gaspRegG] }

// take makes f what the last exception of a thread found.
func (f *gaspRegisters) take(c *gaspContext) {
	f.pc, f.vector, f.errcode, f.addr = c.pc, c.vector, c.errcode, 0
	if f.pageFault() {
		f.addr = c.far
	}
	f.g, f.kernel = c.g, 0
	f.r, f.sp, f.pstate = c.r, c.sp, c.pstate
}

// gaspMachine is what uname(2) calls the architecture.
const gaspMachine = "aarch64"
