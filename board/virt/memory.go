//go:build tamago && arm64

package virt

import (
	_ "unsafe" // go:linkname

	"gasp/board/ram"
	"gasp/board/uefi"
)

// findRAM tells of the RAM that there is, and what of it is not free. It runs before the runtime is set up.
//
//go:linkname findRAM gasp/board/arm64.findRAM
func findRAM(all, used *ram.List) {
	if uefi.Given.Valid() {
		findFirmwareRAM(all, used)
	} else {
		for i := 0; ; i++ {
			addr, size, ok := tree.Memory(i)
			if !ok {
				break
			}
			all.Add(addr, size)
		}
	}
	for i := 0; ; i++ { // is nothing of ours: what is free is mapped
		addr, size, ok := tree.Unmapped(i)
		if !ok {
			break
		}
		all.Remove(addr, size)
	}
	for i := 0; ; i++ {
		addr, size, ok := tree.Reserved(i)
		if !ok {
			break
		}
		use(used, addr, size)
	}
	use(used, treeStart, uint64(treeSize))
	if addr, size, ok := uefi.Given.Archive(0); ok {
		use(used, addr, size)
	}
	if addr, size, ok := initrd(); ok {
		use(used, addr, size)
	}
}

// findFirmwareRAM does so by the memory map of UEFI.
func findFirmwareRAM(all, used *ram.List) {
	if free, ok := uefi.Given.RAM(); ok {
		*all = free
	}
}

// use adds whole pages, rounded outwards.
func use(l *ram.List, addr, size uint64) {
	start := addr &^ (ram.PageSize - 1)
	end := (addr + size + ram.PageSize - 1) &^ (ram.PageSize - 1)
	if size != 0 && end > start {
		l.Add(start, end-start)
	}
}

// initrd is the file that the loader has put beside the image (Linux Documentation/devicetree/bindings/chosen.txt; QEMU -initrd).
func initrd() (addr, size uint64, ok bool) {
	chosen, ok := tree.Path("/chosen")
	if !ok {
		return 0, 0, false
	}
	start, ok := chosen.Uint64("linux,initrd-start")
	end, ok2 := chosen.Uint64("linux,initrd-end")
	return start, end - start, ok && ok2 && end > start
}

//go:linkname loaderArchive gasp/board/machine.loaderArchive
func loaderArchive(i int) (b []byte, ok bool) {
	if addr, size, ok := uefi.Given.Archive(i); ok {
		return bytes(addr, int(size)), true
	}
	addr, size, ok := initrd()
	if i > 0 || !ok {
		return nil, false
	}
	for j := 0; ; j++ {
		start, n, ok := tree.Memory(j)
		switch {
		case !ok:
			return nil, true // it does not lie in RAM
		case addr >= start && addr-start < n && size <= n-(addr-start):
			return bytes(addr, int(size)), true
		}
	}
}
