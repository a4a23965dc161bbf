package runtime

import "unsafe"

// gaspCPUArch is what of a gaspCPU this architecture needs; GS points to the gaspCPU.
type gaspCPUArch struct {
	fs      uint64  // FS base as loaded
	irqs    uint64  // interrupts that came while the kernel idled, by vector from gaspIRQ0 on; the last bit for all beyond
	nmiFX   uintptr // to nmiRoom, aligned
	nmiRoom [gaspFXSize + gaspFXAlign]byte
	tls     [1]uintptr // of the idle thread
	nmiTLS  [1]uintptr

	// The interrupt stacks: what can come while another one is being handled, or
	// on a stack that is no good, has one of its own.
	istTrap [16 << 10]byte
	istDF   [8 << 10]byte
	istMC   [8 << 10]byte
	istPF   [8 << 10]byte
	istSS   [8 << 10]byte
	// segments is room for a page of global descriptor table and task state segment.
	segments [2 << 12]byte
}

// gaspCrashTLS leads to gaspCrashG.
var gaspCrashTLS [1]uintptr

func (c *gaspCPU) setUpArch() {
	c.nmiFX = alignUp(uintptr(unsafe.Pointer(&c.nmiRoom)), gaspFXAlign)
	c.idle.fs = uint64(uintptr(unsafe.Pointer(&c.tls)) + unsafe.Sizeof(c.tls))
}

// leaveTLS leaves the TLS of the thread that ran: another processor may run it next.
func (c *gaspCPU) leaveTLS() { gaspIdleTLS(c) }

func gaspIdleTLS(c *gaspCPU)

// idleInterrupts handles what came while the kernel idled.
func (c *gaspCPU) idleInterrupts() {
	for v := uint64(0); c.irqs != 0; v++ {
		if c.irqs&(1<<v) != 0 {
			c.irqs &^= 1 << v
			goosInterrupt(c.number, gaspIRQ0+v)
		}
	}
}

// gaspHWCap is AT_HWCAP of the auxiliary vector. Go asks the CPU itself.
//
//go:nosplit
func gaspHWCap() uintptr { return 0 }
