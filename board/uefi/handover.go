// Package uefi is what the boot stub of a UEFI machine hands over to the board (UEFI
// Specification 2.10): it asks the firmware while that still answers, and leaves the
// answers in Given. The methods read them, and believe nothing that can be checked.
// They allocate nothing: boards call them before the runtime is set up.
package uefi

import "unsafe"

// Bounds of what is handed over, in bytes.
const (
	MaxCommandLine = 4096      // with the NUL behind it
	MaxMemoryMap   = 60 << 10  // 1,280 descriptors of 48 bytes
	leastEntry     = 40        // a memory descriptor of version 1 (7.2.3)
	mostEntry      = 256       // what a descriptor may grow to
	firmwarePage   = 4096      // pages of the memory map, on every architecture
	addressSpace   = 1<<64 - 1 // the last address
)

// Magic marks a block that the stub has filled: "gaspUEFI" in memory.
const Magic = 0x4946455570736167

// HandOver is the block. Boards find it in Given; addresses are physical, and 0 where
// the firmware has nothing.
type HandOver struct {
	Magic uint64

	RSDP       uint64 // ACPI's root pointer: that of ACPI 2.0 if there is one (4.6.1.1)
	DeviceTree uint64 // a flattened device tree
	TreeSize   uint64 // its size in bytes
	Files      uint64 // a cpio archive that lay beside the image: its address
	FilesSize  uint64 // its size in bytes, 0 for none

	ResetSystem uint64 // address of the runtime service: see ResetService

	Screen Framebuffer // see Framebuffer for whether there is one
	Clock  Clock       // see TimeOfDay, likewise

	CommandLineSize   uint32               // bytes of it
	MemoryMapSize     uint32               // likewise
	DescriptorSize    uint32               // bytes from one memory descriptor to the next
	DescriptorVersion uint32               // 1 as of UEFI 2.10
	CommandLine       [MaxCommandLine]byte // UTF-8
	MemoryMap         [MaxMemoryMap]byte   // as GetMemoryMap gave it last, in order of nothing
}

// Given is what this machine's stub left: all zero on a machine that another loader
// started. It is part of the image, which the stub puts into memory, block and all.
var Given HandOver

// Valid tells whether the machine was started by UEFI.
//
//go:nosplit
func (h *HandOver) Valid() bool { return h.Magic == Magic }

// Line is the command line, from the load options or gasp.txt; "" for none. It is
// memory of the block.
//
//go:nosplit
func (h *HandOver) Line() string {
	if !h.Valid() {
		return ""
	}
	return unsafe.String(&h.CommandLine[0], min(h.CommandLineSize, MaxCommandLine-1))
}
