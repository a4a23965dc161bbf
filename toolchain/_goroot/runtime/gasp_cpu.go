package runtime

import (
	"internal/runtime/atomic"
	"internal/runtime/kernel"
	"internal/runtime/sys"
	"unsafe"
)

// gaspCPU is what a processor has for itself (gaspThis), its stacks at the end.
type gaspCPU struct {
	_        sys.NotInHeap
	self     *gaspCPU
	cur      *gaspThread // whose registers an entry into the kernel saves
	top      uintptr     // of the kernel's stack
	kernelG  *g          // &g
	number   uint64
	inKernel uint8  // entered, not yet left
	locking  uint8  // it waits for the kernel's lock
	up       uint32 // it runs
	admitted uint32 // and is one of the kernel's
	stopped  uint8  // another processor has stopped it for good
	stalled  uint8  // its thread is to die of a stall
	doomed   uint8  // another processor wants it to die, of doom
	doom     uint64
	armed    int64      // when its alarm interrupts; 0: it does not
	signs    uint64     // of life: timer interrupts
	sampleAt int64      // when it takes its next sample for a CPU profile
	guards   uint64     // gaspGuards when its translation buffer was emptied
	idle     gaspThread // stands in for a thread while it idles

	fault   gaspRegisters // of an exception that is no signal
	nmiRegs gaspRegisters
	g, nmiG g
	m, nmiM m

	gaspCPUArch
	stack  [gaspStackSize]byte // the kernel's
	istNMI [gaspStackSize]byte // of an NMI
}

const gaspStackSize = 64 << 10

var (
	gaspCPU0  gaspCPU // the one that the machine starts with
	gaspCPUs  = [kernel.MaxCPUs]*gaspCPU{&gaspCPU0}
	gaspNCPU  = 1
	gaspOwner uint32 // of the kernel's lock: number + 1; 0: nobody
)

// gaspThis is the processor that runs this. Outside the kernel it may be another
// one an instruction later.
//
//go:nosplit
func gaspThis() *gaspCPU

// gaspLockKernel and gaspUnlockKernel are for what takes long in the kernel and
// needs nothing of it; the entry takes the lock, the exit lets it go.
//
//go:nosplit
func gaspLockKernel() {
	c := gaspThis()
	c.locking = 1
	for !atomic.Cas(&gaspOwner, 0, uint32(c.number)+1) {
		procyieldAsm(1)
	}
	c.locking = 0
}

//go:nosplit
func gaspUnlockKernel() { atomic.Store(&gaspOwner, 0) }

// gaspSetUp makes a processor's stacks, the g of each, and what points to them.
//
//go:yeswritebarrierrec
func (c *gaspCPU) setUp(number int) {
	c.number = uint64(number)
	gaspSystemG(&c.g, &c.m, unsafe.Pointer(&c.stack), unsafe.Sizeof(c.stack))
	gaspSystemG(&c.nmiG, &c.nmiM, unsafe.Pointer(&c.istNMI), unsafe.Sizeof(c.istNMI))
	c.idle.g = uint64(uintptr(unsafe.Pointer(&c.g)))
	c.idle.init()
	c.setUpArch()
}

// guard takes the pages below the processor's stacks away.
func (c *gaspCPU) guard() {
	gaspGuardPage(c.g.stack.lo - gaspPage)
	gaspGuardPage(c.nmiG.stack.lo - gaspPage)
}

// gaspStartCPUs starts the other processors that the board has found. All that they have is made before the first of them runs: a guard page may take
// a change of translation tables during which what lies around it cannot be accessed.
func gaspStartCPUs() {
	n := int(min(goosCPUs(), kernel.MaxCPUs))
	var made [kernel.MaxCPUs]*gaspCPU
	for i := 1; i < n; i++ {
		p := gaspRAM.Reserve(0, alignUp(unsafe.Sizeof(gaspCPU{}), gaspPage), gaspPage)
		if p == 0 {
			n = i
			break
		}
		memclrNoHeapPointers(unsafe.Pointer(p), unsafe.Sizeof(gaspCPU{}))
		made[i] = (*gaspCPU)(unsafe.Pointer(p))
		made[i].setUp(i)
		made[i].guard()
	}
	for i := 1; i < n; i++ {
		c := made[i]
		c.number = uint64(gaspNCPU)
		gaspCPUs[gaspNCPU] = c
		if !goosStartCPU(uint64(i), gaspCPUEntryPC(), uintptr(unsafe.Pointer(c)), &c.up) {
			continue // its memory stays its own: it may come yet, and has pages that nobody else can use
		}
		gaspNCPU++
		atomic.Store(&c.admitted, 1)
	}
	numCPUStartup = int32(gaspNCPU)
}

// gaspCPUMain is where a further processor starts in the kernel.
//
//go:nowritebarrierrec
func gaspCPUMain() {
	c := gaspThis()
	goosCPUUp(c.number)
	atomic.Store(&c.up, 1)
	for atomic.Load(&c.admitted) == 0 { // if it was too late, the board resets it here
		procyieldAsm(1)
	}
	gaspLockKernel()
	gaspSchedule(false)
}

func gaspCPUEntryPC() uintptr
