package runtime

import (
	"internal/runtime/kernel"
	"unsafe"
)

// The system stacks of the runtime's threads, those of g0 and gsignal, lie each
// above a guard page: whatever runs over the end of one faults, and does not
// write into what lies below.

var gaspSystemStacks kernel.Stacks

// gaspFirstStack is what the first thread starts on: 64 KiB of it, says rt0_go, and
// a guard page below. It is part of the image, where no loader puts anything.
var gaspFirstStack [gaspFirstStackSize]byte

const gaspFirstStackSize = 80 << 10

// gaspStackMap returns a stack, at the price of a new block if all are in use.
func gaspStackMap(size uintptr) uint64 {
	if size > kernel.StackSize {
		return gaspError(_EINVAL)
	}
	lo := gaspSystemStacks.Get()
	if lo == 0 {
		block := gaspRAM.Reserve(0, kernel.StackBlock, kernel.StackBlock)
		if block == 0 {
			return gaspError(_ENOMEM)
		}
		if !gaspSystemStacks.Add(block) {
			gaspRAM.Release(block, kernel.StackBlock)
			return gaspError(_ENOMEM)
		}
		kernel.Guards(block, gaspGuardPage)
		lo = gaspSystemStacks.Get()
	}
	return uint64(lo)
}

// gaspGuardPage takes a page away. The other processors forget it before they run
// the next thread (forget), so that none runs on a stack whose guard it does not know.
func gaspGuardPage(page uintptr) {
	goosGuard(page)
	gaspGuards++
}

// gaspGuards is how many pages were taken away.
var gaspGuards uint64

// forget empties the processor's translation buffer if pages were taken away since.
func (c *gaspCPU) forget() {
	if c.guards != gaspGuards {
		c.guards = gaspGuards
		gaspFlushTLB()
	}
}

func gaspFlushTLB()

// gaspMalg is malg for the system stack of a thread (toolchain/substitution.go).
func gaspMalg() *g {
	newg := new(g)
	systemstack(func() {
		p, errno := mmap(nil, kernel.StackSize, _PROT_READ|_PROT_WRITE, _MAP_ANON|_MAP_PRIVATE|gaspMapGrowsDown, -1, 0)
		if errno != 0 {
			throw("out of memory (a thread's stack)")
		}
		gaspCountStack(kernel.StackSize)
		newg.stack = stack{uintptr(p), uintptr(p) + kernel.StackSize}
	})
	newg.stackguard0 = newg.stack.lo + stackGuard
	newg.stackguard1 = ^uintptr(0)
	return newg
}

// gaspStackFree gives the stack of a thread that has ended back.
func gaspStackFree(s stack) {
	gaspCountStack(-kernel.StackSize)
	munmap(unsafe.Pointer(s.lo), kernel.StackSize)
}

// gaspCountStack does what sysAlloc and sysFree do.
func gaspCountStack(n int64) {
	memstats.stacks_sys.add(n)
	gcController.mappedReady.Add(n)
}
