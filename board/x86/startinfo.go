//go:build tamago && amd64

package x86

import (
	"unsafe"

	"gasp/board/machine"
	"gasp/board/multiboot2"
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

// startLine is the command line of the PVH loader.
//
//go:nosplit
func startLine() string {
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

// cpuinit leaves a copy of a Multiboot2 loader's boot information there, too, and what was in EAX.
const (
	loaderMagic         = 0x2009050
	bootInformationCopy = 0x200d000
)

// bootInformation is nil if the loader was another one.
//
//go:nosplit
func bootInformation() multiboot2.Information {
	magic, information := uintptr(loaderMagic), uintptr(bootInformationCopy)
	if *(*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&magic))) != multiboot2.Magic {
		return nil
	}
	return (*[multiboot2.MaxSize]byte)(*(*unsafe.Pointer)(unsafe.Pointer(&information)))[:]
}

func startInfo() pvh.Info { return pvh.Info(at(startInfoCopy, pvh.Size)) }
