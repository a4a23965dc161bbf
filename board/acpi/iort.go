package acpi

import (
	"encoding/binary"
	"errors"
)

// ErrIORT means that there is no table of how devices reach memory, or none that tells of a PCI segment.
var ErrIORT = errors.New("acpi: no I/O remapping table of the PCI segment")

// The I/O remapping table (Arm DEN 0049E.e, 3): nodes, those of root complexes with the memory access properties and the PCI segment, and mappings of
// nodes, which lead to others.
const (
	iortOffset = 40
	iortSize   = 48

	nodeLength   = 1
	nodeMapCount = 8
	nodeMaps     = 12
	nodeSize     = 16

	itsGroup    = 0
	rootComplex = 2
	smmu        = 3 // version 1 and 2
	smmu3       = 4

	rootCoherent  = 16 // CCA
	rootSegment   = 28
	rootSize      = 32
	fullyCoherent = 1

	groupCount = 16
	groupFirst = 20
	groupSize  = 24

	mapInput  = 0
	mapCount  = 4 // less one
	mapOutput = 8
	mapNode   = 12
	mapFlags  = 16
	mapSize   = 20
	mapSingle = 1 << 0

	maxNodes    = 256
	maxNodeMaps = 256
	maxHops     = 1 // through a remapping unit

	requesters = 1 << 16 // ids in a segment: bus<<8 | device<<3 | function
)

// ParseCoherence tells whether the devices of a PCI segment see what the processors' caches hold. Errors: ErrRSDP, ErrRSDT, ErrIORT.
func ParseCoherence(mem Memory, rsdp uint64, segment uint16) (coherent bool, err error) {
	_, root, err := findRoot(mem, rsdp, segment)
	if err != nil {
		return false, err
	}
	return binary.LittleEndian.Uint32(root[rootCoherent:]) == fullyCoherent, nil
}

// A MessageMap says as whom an interrupt translation service knows the functions of a PCI segment: by their requester ids from First on, Count
// of them, which have the numbers from Device on there.
type MessageMap struct {
	First, Count, Device uint32
	ITS                  uint32 // its identifier in the MADT
}

// MessageMaps writes to list how messages of a PCI segment reach translation services, and returns how many maps that are, as many as there is
// room for. Nothing is allocated. Errors: ErrRSDP, ErrRSDT, ErrIORT.
func MessageMaps(mem Memory, rsdp uint64, segment uint16, list []MessageMap) (n int, err error) {
	table, root, err := findRoot(mem, rsdp, segment)
	if err != nil {
		return 0, err
	}
	return follow(table, root, MessageMap{Count: requesters}, maxHops, list[:0]), nil
}

// findRoot finds the node of the root complex of a segment.
func findRoot(mem Memory, rsdp uint64, segment uint16) (table, node []byte, err error) {
	table, err = find(mem, rsdp, "IORT", ErrIORT)
	if err != nil {
		return nil, nil, err
	}
	if len(table) < iortSize {
		return nil, nil, ErrIORT
	}
	le := binary.LittleEndian
	at := le.Uint32(table[iortOffset:])
	for range maxNodes {
		b := nodeAt(table, at)
		if b == nil {
			break
		}
		if b[0] == rootComplex && len(b) >= rootSize && le.Uint32(b[rootSegment:]) == uint32(segment) {
			return table, b, nil
		}
		at += uint32(len(b))
	}
	return nil, nil, ErrIORT
}

// nodeAt is the node at an offset of the table, nil if there is none.
func nodeAt(table []byte, at uint32) []byte {
	if at < iortSize || uint64(at)+nodeSize > uint64(len(table)) {
		return nil
	}
	b := table[at:]
	if n := int(binary.LittleEndian.Uint16(b[nodeLength:])); n >= nodeSize && n <= len(b) {
		return b[:n]
	}
	return nil
}

// follow appends to list where the functions of m, which a node knows by Device on, come out. It returns how many maps list has then, up to its capacity.
func follow(table, node []byte, m MessageMap, hops int, list []MessageMap) int {
	le := binary.LittleEndian
	maps := node[min(len(node), int(min(le.Uint32(node[nodeMaps:]), 1<<16))):]
	for i := uint32(0); i < min(le.Uint32(node[nodeMapCount:]), maxNodeMaps) && len(maps) >= mapSize; i++ {
		b := maps[:mapSize]
		maps = maps[mapSize:]
		first, last := uint64(le.Uint32(b[mapInput:])), uint64(le.Uint32(b[mapInput:]))+uint64(le.Uint32(b[mapCount:]))
		from, to := max(first, uint64(m.Device)), min(last, uint64(m.Device)+uint64(m.Count)-1)
		next := nodeAt(table, le.Uint32(b[mapNode:]))
		if le.Uint32(b[mapFlags:])&mapSingle != 0 || from > to || next == nil {
			continue
		}
		part := MessageMap{
			First:  m.First + uint32(from-uint64(m.Device)),
			Count:  uint32(to - from + 1),
			Device: le.Uint32(b[mapOutput:]) + uint32(from-first),
		}
		switch {
		case len(list) == cap(list):
			return len(list)
		case next[0] == itsGroup && len(next) >= groupSize && le.Uint32(next[groupCount:]) > 0:
			part.ITS = le.Uint32(next[groupFirst:])
			list = append(list, part)
		case (next[0] == smmu || next[0] == smmu3) && hops > 0:
			list = list[:follow(table, next, part, hops-1, list)]
		}
	}
	return len(list)
}
