//go:build tamago

package x86

import (
	"unsafe"

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/board/ram"
	"gasp/board/x86/pvh"
)

// cpuinit leaves copies of the start_info structure, with the lists that it points
// to, and of the command line in the RAM below the image (boot_amd64.s).
const (
	cmdlineCopy   = 0x200b000
	startInfoCopy = 0x200c000

	maxCmdline = machine.MaxCommandLine + 1
)

const startMagic = 0x336ec578 // of start_info, where cpuinit has copied it

//go:nosplit
//go:linkname loaderCommandLine gasp/board/machine.loaderCommandLine
func loaderCommandLine() string {
	copied, info := uintptr(cmdlineCopy), uintptr(startInfoCopy)
	if *(*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&info))) != startMagic {
		return ""
	}
	text := (*[maxCmdline]byte)(*(*unsafe.Pointer)(unsafe.Pointer(&copied)))
	n := 0
	for n < len(text) && text[n] != 0 {
		n++
	}
	if n == 0 {
		return ""
	}
	return unsafe.String(&text[0], n)
}

// loaderArchive is a module of the loader's (QEMU -initrd).
//
//go:linkname loaderArchive gasp/board/machine.loaderArchive
func loaderArchive(i int) (b []byte, ok bool) {
	addr, size, ok := startInfo().Module(at, i)
	if ok && loadedInRAM(addr, size) {
		b = at(addr, size)
	}
	return b, ok
}

// loadedInRAM tells whether a module lies in RAM, and not in the image.
func loadedInRAM(addr, size uint64) bool {
	end := machine.ImageEnd()
	found, ok := loadedRAM()
	return ok && size > 0 && found.Has(addr, addr+size) && (addr >= end || addr+size <= ramStart)
}

func startInfo() pvh.Info { return pvh.Info(at(startInfoCopy, pvh.Size)) }

// loadedRAM is what the loader says is RAM, and cachedMemory also what the firmware has there, that is no
// device's.
func loadedRAM() (ram.List, bool) { return startInfo().RAM(at) }
func cachedMemory() ram.List      { return startInfo().Cached(at) }

// rootPointer is the address of the ACPI root pointer, 0 if there is none.
func rootPointer() uint64 {
	if info := startInfo(); info.Valid() && info.RSDP() != 0 {
		return info.RSDP()
	}
	return acpi.Search(at)
}
