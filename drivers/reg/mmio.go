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

// holds tells whether n bytes at off are in the window.
func (m *MMIO) holds(off, n uint32) bool { return uint64(off)+uint64(n) <= uint64(m.Size) }

// at returns the address of off. Each access below is one bus cycle of exactly its
// width: Go never merges or drops an atomic 32-bit access, and the others are
// out of line for that reason.
func (m *MMIO) at(off uint32) unsafe.Pointer { return unsafe.Add(nil, m.Base+uintptr(off)) }

func (m *MMIO) Read32(off uint32) uint32 {
	if !m.holds(off, 4) {
		return ^uint32(0)
	}
	return atomic.LoadUint32((*uint32)(m.at(off)))
}

func (m *MMIO) Write32(off uint32, v uint32) {
	if m.holds(off, 4) {
		store32(m.at(off), v)
	}
}

func (m *MMIO) Read16(off uint32) uint16 {
	if !m.holds(off, 2) {
		return ^uint16(0)
	}
	return load16(m.at(off))
}

func (m *MMIO) Write16(off uint32, v uint16) {
	if m.holds(off, 2) {
		store16(m.at(off), v)
	}
}

func (m *MMIO) Read8(off uint32) uint8 {
	if !m.holds(off, 1) {
		return ^uint8(0)
	}
	return load8(m.at(off))
}

func (m *MMIO) Write8(off uint32, v uint8) {
	if m.holds(off, 1) {
		store8(m.at(off), v)
	}
}

//go:noinline
func load16(p unsafe.Pointer) uint16 { return *(*uint16)(p) }

//go:noinline
func load8(p unsafe.Pointer) uint8 { return *(*uint8)(p) }
