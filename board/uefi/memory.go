package uefi

import (
	"encoding/binary"

	"gasp/board/ram"
)

// Offsets in EFI_MEMORY_DESCRIPTOR (7.2.3).
const (
	entryType      = 0
	entryStart     = 8
	entryPages     = 24
	entryAttribute = 32
)

// Types of memory (EFI_MEMORY_TYPE, table 7.6).
const (
	loaderCode          = 1
	loaderData          = 2
	bootServicesCode    = 3
	bootServicesData    = 4
	runtimeServicesCode = 5
	runtimeServicesData = 6
	conventional        = 7
	acpiReclaim         = 9
	acpiStorage         = 10
)

// Attributes of memory (7.2.3).
const (
	writeBack       = 1 << 3  // EFI_MEMORY_WB: it can be cached
	specificPurpose = 1 << 18 // EFI_MEMORY_SP: meant for some device's driver
)

// isRAM tells whether memory of a type is RAM of the program's once ExitBootServices
// has returned (table 7.6).
func isRAM(kind uint32, attribute uint64) bool {
	switch kind {
	case loaderCode, loaderData, bootServicesCode, bootServicesData, conventional:
		return attribute&(writeBack|specificPurpose) == writeBack
	}
	return false
}

// RAM is the memory that the firmware has left to the program: without its tables, its
// runtime services, and whatever an entry of another kind claims. ok is false, and the
// list empty, if there is no map that can be read.
func (h *HandOver) RAM() (l ram.List, ok bool) {
	if h.entries() == nil {
		return l, false
	}
	h.each(func(start, size uint64, kind uint32, attribute uint64) {
		if isRAM(kind, attribute) {
			l.Add(start, size)
		}
	})
	h.each(func(start, size uint64, kind uint32, attribute uint64) {
		if !isRAM(kind, attribute) {
			l.Remove(start, size)
		}
	})
	return l, true
}

// RemoveLoaded takes out of l what lies in RAM for the program to read: device tree, files.
func (h *HandOver) RemoveLoaded(l *ram.List) {
	l.Remove(h.DeviceTree, h.TreeSize)
	l.Remove(h.Files, h.FilesSize)
}

// Archive is where archive i of files lies; ok is false if there is none.
func (h *HandOver) Archive(i int) (addr, size uint64, ok bool) {
	return h.Files, h.FilesSize, h.Valid() && i == 0 && h.FilesSize > 0
}

// Cached is the memory that is no device's: RAM, and what the firmware has there,
// tables, code and data of the runtime services.
func (h *HandOver) Cached() (l ram.List) {
	h.each(func(start, size uint64, kind uint32, attribute uint64) {
		if attribute&writeBack == 0 {
			return
		}
		switch kind {
		case loaderCode, loaderData, bootServicesCode, bootServicesData, conventional,
			runtimeServicesCode, runtimeServicesData, acpiReclaim, acpiStorage:
			l.Add(start, size)
		}
	})
	return l
}

// Place is the highest multiple of align, a power of two, from which on the memory map has size bytes of RAM below limit; 0, which is
// none itself, if there is none. Nothing that lies in RAM is looked at.
func (h *HandOver) Place(size, align, limit uint64) uint64 {
	l, _ := h.RAM()
	for i := len(l.Ranges()) - 1; i >= 0; i-- {
		r := l.Ranges()[i]
		end := min(r.End, limit)
		if end < size {
			continue
		}
		if start := (end - size) &^ (align - 1); start >= r.Start && start < end {
			return start
		}
	}
	return 0
}

// entries is the memory map, nil if there is none that can be read.
func (h *HandOver) entries() []byte {
	if !h.Valid() || h.MemoryMapSize == 0 || h.MemoryMapSize > MaxMemoryMap || h.DescriptorSize < leastEntry || h.DescriptorSize > mostEntry {
		return nil
	}
	return h.MemoryMap[:h.MemoryMapSize]
}

// each calls f for each entry. One that ends beyond the address space gets a size with
// which it still does: it adds nothing to a list, and removes all above its start.
func (h *HandOver) each(f func(start, size uint64, kind uint32, attribute uint64)) {
	le := binary.LittleEndian
	for b := h.entries(); len(b) >= leastEntry; b = b[min(int(h.DescriptorSize), len(b)):] {
		start, size := le.Uint64(b[entryStart:]), uint64(addressSpace)
		if pages := le.Uint64(b[entryPages:]); pages <= (addressSpace-start)/firmwarePage {
			size = pages * firmwarePage
		}
		f(start, size, le.Uint32(b[entryType:]), le.Uint64(b[entryAttribute:]))
	}
}
