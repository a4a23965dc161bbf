package reg

import (
	"sync/atomic"
	"unsafe"
)

// MMIO is a Space of Size bytes of memory-mapped registers at Base, an address
// that is mapped uncached.
type MMIO struct {
	Base uintptr
	Size uint32
}

// at returns the address of n bytes at off, or nil outside the window. Each
// access below is one bus cycle of exactly its width: Go never merges or drops
// an atomic 32-bit access, and the narrow ones are out of line for that reason.
func (m *MMIO) at(off, n uint32) unsafe.Pointer {
	if off > m.Size || m.Size-off < n {
		return nil
	}
	base := m.Base + uintptr(off)
	return *(*unsafe.Pointer)(unsafe.Pointer(&base))
}

func (m *MMIO) Read32(off uint32) uint32 {
	p := m.at(off, 4)
	if p == nil {
		return ^uint32(0)
	}
	return atomic.LoadUint32((*uint32)(p))
}

func (m *MMIO) Write32(off uint32, v uint32) {
	if p := m.at(off, 4); p != nil {
		atomic.StoreUint32((*uint32)(p), v)
	}
}

func (m *MMIO) Read16(off uint32) uint16 {
	p := m.at(off, 2)
	if p == nil {
		return ^uint16(0)
	}
	return load16(p)
}

func (m *MMIO) Write16(off uint32, v uint16) {
	if p := m.at(off, 2); p != nil {
		store16(p, v)
	}
}

func (m *MMIO) Read8(off uint32) uint8 {
	p := m.at(off, 1)
	if p == nil {
		return ^uint8(0)
	}
	return load8(p)
}

func (m *MMIO) Write8(off uint32, v uint8) {
	if p := m.at(off, 1); p != nil {
		store8(p, v)
	}
}

//go:noinline
func load16(p unsafe.Pointer) uint16 { return *(*uint16)(p) }

//go:noinline
func store16(p unsafe.Pointer, v uint16) { *(*uint16)(p) = v }

//go:noinline
func load8(p unsafe.Pointer) uint8 { return *(*uint8)(p) }

//go:noinline
func store8(p unsafe.Pointer, v uint8) { *(*uint8)(p) = v }
