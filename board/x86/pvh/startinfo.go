// Package pvh reads what a loader of the PVH boot protocol hands over (Xen
// xen/include/public/arch-x86/hvm/start_info.h). Nothing of it is believed.
package pvh

import "encoding/binary"

// Size of start_info, version 1, in bytes.
const Size = 56

// Offsets in start_info.
const (
	infoMagic      = 0
	infoVersion    = 4
	infoModules    = 12
	infoModuleList = 16
	infoCmdline    = 24
	infoRSDP       = 32
	infoMap        = 40
	infoMapEntries = 48

	magic = 0x336ec578
)

// Entries of the module list and of the memory map: their size in bytes, and how many are read.
const (
	ModuleSize    = 32
	MaxModules    = 24
	MapEntrySize  = 24
	MaxMapEntries = 128

	mapType    = 16 // 32 bits: QEMU leaves the rest as it was before a reset
	maxCmdline = 4096
)

// Memory returns n bytes at a physical address, or nil if they cannot be had.
type Memory func(addr, n uint64) []byte

// Info is a copy of start_info.
type Info []byte

// Valid tells whether it is one.
func (i Info) Valid() bool { return len(i) >= Size && i.word(infoMagic) == magic }

// RSDP is the address of ACPI's root pointer, 0 if the loader gave none.
func (i Info) RSDP() uint64 { return i.long(infoRSDP) }

func (i Info) word(off int) uint32 { return binary.LittleEndian.Uint32(i[off:]) }
func (i Info) long(off int) uint64 { return binary.LittleEndian.Uint64(i[off:]) }
