// Package dma hands out memory that a device reads and writes by itself.
package dma

import "errors"

// ErrNoMemory means that the memory set aside for devices is used up.
var ErrNoMemory = errors.New("dma: memory for devices used up")

// Memory is a block that both the CPU and a device reach: Bytes as the CPU sees
// it, Phys the bus address of its first byte. It never moves and is physically
// contiguous.
type Memory struct {
	Bytes []byte
	Phys  uint64
}

// Carve cuts n bytes off the front of m, zeroed, at a bus address that is a
// multiple of align (a power of two). What was skipped to align is lost.
func (m *Memory) Carve(n int, align uint64) (Memory, error) {
	skip := int(-m.Phys & (align - 1))
	if n < 0 || skip > len(m.Bytes) || n > len(m.Bytes)-skip {
		return Memory{}, ErrNoMemory
	}
	c := Memory{Bytes: m.Bytes[skip : skip+n : skip+n], Phys: m.Phys + uint64(skip)}
	m.Bytes = m.Bytes[skip+n:]
	m.Phys = c.Phys + uint64(n)
	clear(c.Bytes)
	return c, nil
}
