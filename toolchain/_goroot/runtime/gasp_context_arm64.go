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
	copy(c.r[:], f.regs[:31])
	c.pc, c.sp, c.g = f.pc, f.regs[gaspRegSP], f.g
}

// gaspRegs is the number of registers in a report: x0 to x30, SP, PSTATE.
const (
	gaspRegs  = 33
	gaspRegG  = 28
	gaspRegBP = 29
	gaspRegLR = 30
	gaspRegSP = 31
)

// gaspRegisters is what an exception interrupted. The assembly fills it. What every
// architecture has: pc, addr, vector, errcode, regs, g and kernel.
type gaspRegisters struct {
	pc, addr, vector, errcode uint64
	regs                      [gaspRegs]uint64
	own                       uint64 // SP_EL1
	g                         uint64
	kernel                    uint64 // not 0: it was in the kernel
}

// point is where it was.
func (f *gaspRegisters) point() gaspPoint {
	return gaspPoint{pc: uintptr(f.pc), sp: uintptr(f.regs[gaspRegSP]), bp: uintptr(f.regs[gaspRegBP]), lr: uintptr(f.regs[gaspRegLR])}
}

// findG sets g.
func (f *gaspRegisters) findG() { f.g = f.regs[gaspRegG] }

// take makes f what the last exception of a thread found.
func (f *gaspRegisters) take(c *gaspContext) {
	f.pc, f.vector, f.errcode, f.addr = c.pc, c.vector, c.errcode, 0
	if f.pageFault() {
		f.addr = c.far
	}
	f.g, f.kernel = c.g, 0
	copy(f.regs[:31], c.r[:])
	f.regs[gaspRegSP], f.regs[gaspRegSP+1] = c.sp, c.pstate
}

// gaspMachine is what uname(2) calls the architecture.
const gaspMachine = "aarch64"
