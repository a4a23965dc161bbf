package acpi

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// iort is the body of a table of nodes.
func iort(count uint32, nodes ...[]byte) []byte {
	b := make([]byte, 48-headerSize)
	binary.LittleEndian.PutUint32(b[iortCount-headerSize:], count)
	binary.LittleEndian.PutUint32(b[iortOffset-headerSize:], 48)
	return append(b, join(nodes...)...)
}

// ioNode is one of a kind and a size.
func ioNode(kind uint8, size int, edit func(b []byte)) []byte {
	b := make([]byte, size)
	b[0] = kind
	binary.LittleEndian.PutUint16(b[nodeLength:], uint16(size))
	if edit != nil {
		edit(b)
	}
	return b
}

func root(segment, coherent uint32) []byte {
	return ioNode(rootComplex, 56, func(b []byte) {
		binary.LittleEndian.PutUint32(b[rootCoherent:], coherent)
		binary.LittleEndian.PutUint32(b[rootSegment:], segment)
	})
}

func TestCoherence(t *testing.T) {
	its := ioNode(0, 24, nil)
	for _, tt := range []struct {
		name     string
		body     []byte
		segment  uint16
		coherent bool
		err      error
	}{
		{"as QEMU has it", iort(2, its, root(0, 1)), 0, true, nil},
		{"not coherent", iort(2, its, root(0, 0)), 0, false, nil},
		{"a number that means nothing yet", iort(1, root(0, 2)), 0, false, nil},
		{"the second segment", iort(3, root(0, 1), its, root(1, 0)), 1, false, nil},
		{"a segment that it does not tell of", iort(1, root(0, 1)), 1, false, ErrIORT},
		{"a component with a name", iort(1, ioNode(1, 64, nil)), 0, false, ErrIORT},
		{"fewer nodes than are there", iort(1, its, root(0, 1)), 0, false, ErrIORT},
		{"more", iort(9, its, root(0, 1)), 1, false, ErrIORT},
		{"a node of no size", iort(2, make([]byte, nodeHeader), root(0, 1)), 0, false, ErrIORT},
		{"a node beyond the end", iort(1, root(0, 1)[:40]), 0, false, ErrIORT},
		{"too short for its segment", iort(1, ioNode(rootComplex, 28, nil)), 0, false, ErrIORT},
		{"nodes beyond the end", func() []byte { b := iort(1, root(0, 1)); b[7] = 0xff; return b }(), 0, false, ErrIORT},
		{"no nodes", nil, 0, false, ErrIORT},
	} {
		coherent, err := ParseCoherence(with("IORT", 0x70000, tt.body).memory, rsdpAt, tt.segment)
		if coherent != tt.coherent || !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, coherent, err, tt.coherent, tt.err)
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	good := iort(3, its, root(0, 1), root(1, 0))
	for range 20000 {
		b := slices.Clone(good)
		for range r.IntN(6) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		ParseCoherence(with("IORT", 0x70000, b[:r.IntN(len(b)+1)]).memory, rsdpAt, 1)
	}
}
