//go:build tamago

package x86

import (
	"bytes"

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

// bootInfo reads the command line and the address of the ACPI root pointer, ""
// and 0 if the loader gave none.
func bootInfo() (cmdline string, rsdp uint64) {
	info := startInfo()
	if !info.Valid() {
		return "", 0
	}
	line, _, _ := bytes.Cut(at(cmdlineCopy, maxCmdline), []byte{0})
	return string(line), info.RSDP()
}
