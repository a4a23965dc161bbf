//go:build tamago

package x86

import (
	"bytes"
	"encoding/binary"
)

// cpuinit leaves copies of the PVH start_info structure
// (xen/include/public/arch-x86/hvm/start_info.h) and of the command line in the
// RAM below the image (boot_amd64.s).
const (
	cmdlineCopy   = 0x200b000
	startInfoCopy = 0x200c000

	startInfoMagic = 0x336ec578
	startInfoSize  = 56
	startInfoRSDP  = 32
	maxCmdline     = 4096
)

// bootInfo reads the command line and the address of the ACPI root pointer, ""
// and 0 if the loader gave none.
func bootInfo() (cmdline string, rsdp uint64) {
	info := at(startInfoCopy, startInfoSize)
	if binary.LittleEndian.Uint32(info) != startInfoMagic {
		return "", 0
	}
	line, _, _ := bytes.Cut(at(cmdlineCopy, maxCmdline), []byte{0})
	return string(line), binary.LittleEndian.Uint64(info[startInfoRSDP:])
}
