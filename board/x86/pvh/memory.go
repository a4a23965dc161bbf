package pvh

import (
	"encoding/binary"

	"gasp/board/ram"
)

// Types of memory (start_info.h, XEN_HVM_MEMMAP_TYPE; ACPI 6.5, table 15.4). All
// but RAM are somebody else's.
const (
	typeRAM  = 1
	typeACPI = 3 // tables
	typeNVS  = 4
)

// RAM is the memory that the map calls RAM, without what any other entry claims.
// ok is false, and the list empty, if there is no map, or not one of which all
// that the loader left is known.
func (i Info) RAM(mem Memory) (l ram.List, ok bool) {
	entries := i.memoryMap(mem)
	if entries == nil {
		return l, false
	}
	modules := uint64(i.word(infoModules))
	if modules > MaxModules || modules > 0 && mem(i.long(infoModuleList), modules*ModuleSize) == nil {
		return l, false
	}
	eachEntry(entries, func(start, size uint64, kind uint32) {
		if kind == typeRAM {
			l.Add(start, size)
		}
	})
	eachEntry(entries, func(start, size uint64, kind uint32) {
		if kind != typeRAM {
			l.Remove(start, size)
		}
	})
	return l, true
}

// Cached is the memory that is no device's: RAM, and what the firmware has there.
func (i Info) Cached(mem Memory) (l ram.List) {
	eachEntry(i.memoryMap(mem), func(start, size uint64, kind uint32) {
		if kind == typeRAM || kind == typeACPI || kind == typeNVS {
			l.Add(start, size)
		}
	})
	return l
}

// RemoveLoaded takes out of l what the loader left in RAM: modules, their command
// lines, the lists, the command line.
func (i Info) RemoveLoaded(mem Memory, l *ram.List) {
	if !i.Valid() {
		return
	}
	remove := func(addr, size uint64) {
		if addr != 0 {
			l.Remove(addr, size)
		}
	}
	remove(i.long(infoCmdline), maxCmdline)
	if i.word(infoVersion) > 0 {
		remove(i.long(infoMap), uint64(i.word(infoMapEntries))*MapEntrySize)
	}
	modules := uint64(i.word(infoModules))
	remove(i.long(infoModuleList), modules*ModuleSize)
	if modules > MaxModules {
		return
	}
	for list := mem(i.long(infoModuleList), modules*ModuleSize); len(list) >= ModuleSize; list = list[ModuleSize:] {
		le := binary.LittleEndian
		remove(le.Uint64(list), le.Uint64(list[8:]))
		remove(le.Uint64(list[16:]), maxCmdline)
	}
}

// Module is where module i lies; ok is false if there is none.
func (i Info) Module(mem Memory, n int) (addr, size uint64, ok bool) {
	if !i.Valid() || n < 0 || n >= MaxModules || n >= int(min(i.word(infoModules), MaxModules)) {
		return 0, 0, false
	}
	list := mem(i.long(infoModuleList)+uint64(n)*ModuleSize, ModuleSize)
	if list == nil {
		return 0, 0, false
	}
	le := binary.LittleEndian
	return le.Uint64(list), le.Uint64(list[8:]), true
}

// memoryMap is the entries of the map, nil if there is none.
func (i Info) memoryMap(mem Memory) []byte {
	if !i.Valid() || i.word(infoVersion) == 0 {
		return nil
	}
	entries := uint64(i.word(infoMapEntries))
	if entries > MaxMapEntries {
		return nil
	}
	return mem(i.long(infoMap), entries*MapEntrySize)
}

func eachEntry(entries []byte, f func(start, size uint64, kind uint32)) {
	le := binary.LittleEndian
	for ; len(entries) >= MapEntrySize; entries = entries[MapEntrySize:] {
		f(le.Uint64(entries), le.Uint64(entries[8:]), le.Uint32(entries[mapType:]))
	}
}
