package runtime

// gaspDescriptors is room for the interrupt descriptor table (Intel SDM volume 3,
// 6.10), a page from a page boundary on.
var gaspDescriptors [2 << 12]byte

// gaspGates fills the interrupt descriptor table. It runs before the runtime
// does, on the boot stack.
//
//go:nosplit
func gaspGates(table *[256][2]uint64) {
	gaspThreads[0].init()
	for i := range table {
		ist := uint64(1)
		switch i {
		case gaspVecDoubleFault:
			ist = 2
		case gaspVecNMI:
			ist = 3
		case gaspVecMachineCheck:
			ist = 4
		case gaspVecPage:
			ist = 5
		case gaspVecStack:
			ist = 6
		}
		const code, interruptGate = 0x08, 0x8e
		a := uint64(gaspVectorPC(uintptr(i)))
		table[i][0] = a&0xffff | code<<16 | ist<<32 | interruptGate<<40 | a>>16&0xffff<<48
		table[i][1] = a >> 32
	}
}

// gaspVectorPC returns the entry point of vector i.
func gaspVectorPC(i uintptr) uintptr
