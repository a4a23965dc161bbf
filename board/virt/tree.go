//go:build tamago && arm64

package virt

import (
	"unsafe"

	"gasp/board/arm64"
	"gasp/board/devicetree"
	"gasp/board/uefi"
)

// tree is the machine's device tree, empty without one, and where it lies.
var (
	tree      devicetree.Tree
	treeStart uint64
	treeSize  int
	treeRead  bool

	// given is the command line of the loader. It is memory of the tree, which nobody else gets.
	given string
)

// ramStart is where QEMU has its RAM, and the tree if the image is an ELF file (hw/arm/virt.c, hw/arm/boot.c).
const ramStart = 0x4000_0000

// loaderCommandLine is /chosen/bootargs, or what a UEFI boot stub left. The first call is before the runtime
// has any goroutine.
//
//go:nosplit
//go:linkname loaderCommandLine gasp/board/machine.loaderCommandLine
func loaderCommandLine() string {
	if !treeRead {
		early() // readTree
	}
	return given
}

// early calls readTree with a g that stands in for the one that there is not yet (tree_arm64.s).
func early()

// readTree finds the tree: where the loader says, or, if that is not UEFI, at the start of RAM.
func readTree() {
	treeRead = true
	usual := uint64(0)
	if !uefi.Given.Valid() && arm64.Place() == arm64.LinkedPlace { // what lies there on a machine with UEFI firmware does not tell of
		usual = ramStart
	}
	for _, at := range [...]uint64{arm64.DeviceTree(), uefi.Given.DeviceTree, usual} {
		if at%8 != 0 || at < firstDevice || at >= mostTree {
			continue
		}
		arm64.MapRAM(at, devicetree.HeaderSize)
		n, err := devicetree.Size(bytes(at, devicetree.HeaderSize))
		if err != nil {
			continue
		}
		arm64.MapRAM(at, uint64(n))
		if t, err := devicetree.Parse(bytes(at, n)); err == nil {
			tree, treeStart, treeSize = t, at, n
			break
		}
	}
	if chosen, ok := tree.Path("/chosen"); ok {
		given = chosen.String("bootargs")
	}
	if line := uefi.Given.Line(); line != "" {
		given = line
	}
}

// mostTree is the end of the addresses that a tree may have: those that the image is mapped at come later.
const mostTree = 1 << 46

// bytes is memory.
func bytes(addr uint64, n int) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&addr))), n)
}
