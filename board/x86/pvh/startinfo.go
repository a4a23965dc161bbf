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

// Free tells whether [start, start+n) is RAM by the memory map and nothing of
// what the loader left lies there. Without a memory map it does not.
func (i Info) Free(mem Memory, start, n uint64) bool {
	end := start + n
	if !i.Valid() || end <= start {
		return false
	}
	entries := i.memoryMap(mem)
	if !i.isRAM(entries, start, end) {
		return false
	}
	touches := func(addr, size uint64) bool { return addr < end && (addr >= start || size > start-addr) }
	modules := uint64(i.word(infoModules))
	if modules > MaxModules {
		return false
	}
	if modules > 0 {
		list := mem(i.long(infoModuleList), modules*ModuleSize)
		if list == nil || touches(i.long(infoModuleList), modules*ModuleSize) {
			return false
		}
		for ; len(list) >= ModuleSize; list = list[ModuleSize:] {
			le := binary.LittleEndian
			if touches(le.Uint64(list), le.Uint64(list[8:])) || touches(le.Uint64(list[16:]), maxCmdline) {
				return false
			}
		}
	}
	return !touches(i.long(infoMap), uint64(len(entries))) && !touches(i.long(infoCmdline), maxCmdline)
}

// isRAM tells whether one entry of the memory map has all of [start, end) as RAM
// and no other kind has a part of it.
func (i Info) isRAM(entries []byte, start, end uint64) (ram bool) {
	le := binary.LittleEndian
	for ; len(entries) >= MapEntrySize; entries = entries[MapEntrySize:] {
		from, size := le.Uint64(entries), le.Uint64(entries[8:])
		to := from + size
		if to < from || from >= end || to <= start {
			continue
		}
		if le.Uint32(entries[mapType:]) != typeRAM {
			return false
		}
		ram = ram || from <= start && to >= end
	}
	return ram
}
