//go:build tamago

package x86

import (
	"gasp/board/acpi"
	"gasp/board/x86/pvh"
)

// cpuinit leaves copies of the start_info structure, with the lists that it points
// to, and of the command line in the RAM below the image (boot_amd64.s).
const (
	cmdlineCopy   = 0x200b000
	startInfoCopy = 0x200c000

	maxCmdline = 4096
)

func startInfo() pvh.Info { return pvh.Info(at(startInfoCopy, pvh.Size)) }

// rootPointer is the address of the ACPI root pointer, 0 if there is none.
func rootPointer() uint64 {
	if info := startInfo(); info.Valid() && info.RSDP() != 0 {
		return info.RSDP()
	}
	return acpi.Search(at)
}
