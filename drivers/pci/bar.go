package pci

import "errors"

// ErrNoBAR means that a function has no base address register of that number,
// or that it is the upper half of the one before.
var ErrNoBAR = errors.New("pci: no such base address register")

// ErrBadBAR means that a base address register holds no usable window: not
// assigned, not aligned to its size, or beyond the address space.
var ErrBadBAR = errors.New("pci: base address register not usable")

// Kind is what a base address register maps.
type Kind uint8

// The kinds of LB 6.2.5.1.
const (
	Mem32 Kind = iota
	Mem64
	IO
)

// BAR is the window that a base address register maps. Base and Size are in
// bytes; Size is a power of two, and Base a multiple of it.
type BAR struct {
	Kind         Kind
	Base, Size   uint64
	Prefetchable bool
}

const (
	barIO           = 1 << 0
	barTypeMask     = 3 << 1
	barType64       = 2 << 1
	barPrefetchable = 1 << 3
	barMemMask      = ^uint32(0xF)
	barIOMask       = ^uint32(0x3)
	ioLimit         = 1 << 16 // x86 ports; LB 6.2.5.1 allows the upper half to be hardwired to 0
	mem32Limit      = 1 << 32
)

// BAR reads base address register i and finds its size by the all-ones probe of
// LB 6.2.5.1, with decoding off meanwhile. Errors: ErrNoBAR, ErrBadBAR.
func (f *Function) BAR(i int) (BAR, error) {
	n := barsDevice
	if f.HeaderType == headerTypeBridge {
		n = barsBridge
	}
	if i < 0 || i >= n || f.upperHalf(i) {
		return BAR{}, ErrNoBAR
	}
	low, lowMask := f.probe(i)
	if lowMask == 0 || lowMask == ^uint32(0) && low == ^uint32(0) {
		return BAR{}, ErrNoBAR
	}
	if low&barIO != 0 {
		mask := uint64(lowMask & barIOMask)
		if mask>>16 == 0 {
			mask |= 0xFFFF0000
		}
		return BAR{Kind: IO}.window(uint64(low&barIOMask), mask, ioLimit)
	}
	b := BAR{Kind: Mem32, Prefetchable: low&barPrefetchable != 0}
	base, mask := uint64(low&barMemMask), uint64(lowMask&barMemMask)
	if low&barTypeMask != barType64 {
		return b.window(base, mask, mem32Limit)
	}
	if i+1 >= n {
		return BAR{}, ErrBadBAR
	}
	b.Kind = Mem64
	high, highMask := f.probe(i + 1)
	return b.window(base|uint64(high)<<32, mask|uint64(highMask)<<32, 0)
}

// window fills in base and size. limit is the end of the address space, 0 for
// 64 bits.
func (b BAR) window(base, mask, limit uint64) (BAR, error) {
	if b.Kind != Mem64 {
		mask |= 0xFFFFFFFF << 32
	}
	size := -mask
	switch {
	case size == 0 || size&(size-1) != 0:
		return BAR{}, ErrBadBAR
	case base == 0 || base&(size-1) != 0:
		return BAR{}, ErrBadBAR
	case base+(size-1) < base || limit != 0 && base+size > limit:
		return BAR{}, ErrBadBAR
	}
	b.Base, b.Size = base, size
	return b, nil
}

// upperHalf tells whether register i is the upper half of a 64-bit one.
func (f *Function) upperHalf(i int) bool {
	for j := 0; j < i; j++ {
		v := f.Read32(regBAR0 + 4*uint16(j))
		if v&barIO == 0 && v&barTypeMask == barType64 {
			if j+1 == i {
				return true
			}
			j++
		}
	}
	return false
}

// probe returns a base address register and which of its bits can be set.
func (f *Function) probe(i int) (value, writable uint32) {
	off := regBAR0 + 4*uint16(i)
	command := f.Read16(regCommand)
	f.Write16(regCommand, command&^(commandIO|commandMemory))
	value = f.Read32(off)
	f.Write32(off, ^uint32(0))
	writable = f.Read32(off)
	f.Write32(off, value)
	f.Write16(regCommand, command)
	return value, writable
}
