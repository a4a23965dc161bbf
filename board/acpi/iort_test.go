package acpi

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// iort is the body of a table of nodes.
func iort(nodes ...[]byte) []byte {
	b := make([]byte, iortSize-headerSize)
	binary.LittleEndian.PutUint32(b, uint32(len(nodes)))
	binary.LittleEndian.PutUint32(b[iortOffset-headerSize:], iortSize)
	return append(b, join(nodes...)...)
}

// ioNode is one of a kind, of a size before its maps.
func ioNode(kind uint8, size int, edit func(b []byte), maps ...[]byte) []byte {
	b := make([]byte, size)
	b[0] = kind
	if edit != nil {
		edit(b)
	}
	binary.LittleEndian.PutUint16(b[nodeLength:], uint16(size+mapSize*len(maps)))
	binary.LittleEndian.PutUint32(b[nodeMapCount:], uint32(len(maps)))
	binary.LittleEndian.PutUint32(b[nodeMaps:], uint32(size))
	return append(b, join(maps...)...)
}

func root(segment, coherent uint32, maps ...[]byte) []byte {
	return ioNode(rootComplex, 36, func(b []byte) {
		binary.LittleEndian.PutUint32(b[rootCoherent:], coherent)
		binary.LittleEndian.PutUint32(b[rootSegment:], segment)
	}, maps...)
}

// ioMap leads count ids from input on to output on of the node at an offset of the table.
func ioMap(input, count, output, node, flags uint32) (b []byte) {
	for _, v := range []uint32{input, count - 1, output, node, flags} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func group(its uint32) []byte {
	return ioNode(itsGroup, groupSize, func(b []byte) {
		b[groupCount] = 1
		binary.LittleEndian.PutUint32(b[groupFirst:], its)
	})
}

func TestCoherence(t *testing.T) {
	its := group(0)
	for _, tt := range []struct {
		name     string
		body     []byte
		segment  uint16
		coherent bool
		err      error
	}{
		{"as QEMU has it", iort(its, root(0, 1)), 0, true, nil},
		{"not coherent", iort(its, root(0, 0)), 0, false, nil},
		{"a number that means nothing yet", iort(root(0, 2)), 0, false, nil},
		{"the second segment", iort(root(0, 1), its, root(1, 0)), 1, false, nil},
		{"a segment that it does not tell of", iort(root(0, 1)), 1, false, ErrIORT},
		{"a component with a name", iort(ioNode(1, 64, nil)), 0, false, ErrIORT},
		{"a node of no size", iort(make([]byte, nodeSize), root(0, 1)), 0, false, ErrIORT},
		{"a node beyond the end", iort(root(0, 1)[:30]), 0, false, ErrIORT},
		{"too short for its segment", iort(ioNode(rootComplex, 28, nil)), 0, false, ErrIORT},
		{"nodes beyond the end", func() []byte { b := iort(root(0, 1)); b[7] = 0xff; return b }(), 0, false, ErrIORT},
		{"no nodes", nil, 0, false, ErrIORT},
	} {
		coherent, err := ParseCoherence(with("IORT", 0x70000, tt.body).memory, rsdpAt, tt.segment)
		if coherent != tt.coherent || !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, coherent, err, tt.coherent, tt.err)
		}
	}
}

func TestMessageMaps(t *testing.T) {
	const first = iortSize
	its := group(7)
	unit := func(maps ...[]byte) []byte { return ioNode(smmu3, 68, nil, maps...) }
	loop := unit(ioMap(0, 1<<16, 0, first, 0))
	for _, tt := range []struct {
		name string
		body []byte
		want []MessageMap
	}{
		{"as QEMU has it", iort(its, root(0, 1, ioMap(0, 1<<16, 0, first, 0))), []MessageMap{{0, 1 << 16, 0, 7}}},
		{"two ranges, one moved", iort(its, root(0, 1, ioMap(0, 0x100, 0, first, 0), ioMap(0x100, 0x200, 0x10000, first, 0))),
			[]MessageMap{{0, 0x100, 0, 7}, {0x100, 0x200, 0x10000, 7}}},
		{"behind a remapping unit", iort(its, unit(ioMap(0, 1<<16, 0x20000, first, 0)), root(0, 1, ioMap(0, 1<<16, 0, first+groupSize, 0))),
			[]MessageMap{{0, 1 << 16, 0x20000, 7}}},
		{"of which one lets a part through", iort(its, unit(ioMap(0x180, 0x1000, 0x30000, first, 0)), root(0, 1, ioMap(0x100, 0x100, 0x100, first+groupSize, 0))),
			[]MessageMap{{0x180, 0x80, 0x30000, 7}}},
		{"the unit's own message is nobody's", iort(its, unit(ioMap(0, 1, 5, first, mapSingle)), root(0, 1, ioMap(0, 1<<16, 0, first+groupSize, 0))), nil},
		{"a circle", iort(loop, root(0, 1, ioMap(0, 1<<16, 0, first, 0))), nil},
		{"to nowhere", iort(root(0, 1, ioMap(0, 1<<16, 0, 1<<31, 0))), nil},
		{"ids beyond all numbers", iort(its, root(0, 1, ioMap(0xFFFF_FFF0, 0, 0, first, 0))), nil},
		{"no maps", iort(its, root(0, 1)), nil},
	} {
		var list [4]MessageMap
		n, err := MessageMaps(with("IORT", 0x70000, tt.body).memory, rsdpAt, 0, list[:])
		if err != nil || !slices.Equal(list[:n], tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, list[:n], err, tt.want)
		}
	}
	if _, err := MessageMaps(with("IORT", 0x70000, iort(its)).memory, rsdpAt, 0, nil); !errors.Is(err, ErrIORT) {
		t.Errorf("a segment that is not there: %v", err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	good := iort(its, unit(ioMap(0, 1<<16, 0x20000, first, 0)), root(0, 1, ioMap(0, 1<<16, 0, first+groupSize, 0), ioMap(0, 1<<16, 0, first, 0)), root(1, 0))
	for range 20000 {
		b := slices.Clone(good)
		for range r.IntN(6) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		var list [2]MessageMap
		f := with("IORT", 0x70000, b[:r.IntN(len(b)+1)])
		if n, _ := MessageMaps(f.memory, rsdpAt, 0, list[:]); n > len(list) {
			t.Fatalf("%d maps in a list of %d", n, len(list))
		}
		ParseCoherence(f.memory, rsdpAt, 1)
	}
}
