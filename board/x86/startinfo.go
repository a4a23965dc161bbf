//go:build tamago && amd64

package x86

import (
	"unsafe"

	"gasp/board/machine"
	"gasp/board/multiboot2"
	"gasp/board/x86/pvh"
)

// cpuinit leaves copies here of the start_info structure, with the lists that it points
// to, of the command line, and of a Multiboot2 loader's boot information (boot_amd64.s).
var (
	startInfoCopy       [startInfoSize]byte
	moduleCopy          [maxModules * moduleSize]byte
	memoryMapCopy       [maxMapEntries * mapEntrySize]byte
	commandLineCopy     [maxCmdline]byte
	bootInformationCopy [bootInformationSize]byte
	loaderMagic         uint32 // EAX at entry
)

const (
	startInfoSize       = pvh.Size
	maxModules          = pvh.MaxModules
	moduleSize          = pvh.ModuleSize
	maxMapEntries       = pvh.MaxMapEntries
	mapEntrySize        = pvh.MapEntrySize
	maxCmdline          = machine.MaxCommandLine + 1
	bootInformationSize = multiboot2.MaxSize
)

// startLine is the command line of the PVH loader: "" if there is none.
//
//go:nosplit
func startLine() string {
	n := 0
	for n < len(commandLineCopy) && commandLineCopy[n] != 0 {
		n++
	}
	return unsafe.String(&commandLineCopy[0], n)
}

// bootInformation is nil if the loader was another one.
//
//go:nosplit
func bootInformation() multiboot2.Information {
	if loaderMagic != multiboot2.Magic {
		return nil
	}
	return bootInformationCopy[:]
}

func startInfo() pvh.Info { return startInfoCopy[:] }
