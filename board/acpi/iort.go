package acpi

import (
	"encoding/binary"
	"errors"
)

// ErrIORT means that there is no table of how devices reach memory, or none that tells of a PCI segment.
var ErrIORT = errors.New("acpi: no I/O remapping table of the PCI segment")

// The I/O remapping table (Arm DEN 0049E.e, 3): nodes, and in those of root complexes the memory access properties and the PCI segment.
const (
	iortCount   = 36
	iortOffset  = 40
	nodeLength  = 1
	nodeHeader  = 16
	rootComplex = 2

	rootCoherent = 16 // CCA
	rootSegment  = 28
	rootSize     = 32

	fullyCoherent = 1
)

// ParseCoherence tells whether the devices of a PCI segment see what the processors' caches hold. Errors: ErrRSDP, ErrRSDT, ErrIORT.
func ParseCoherence(mem Memory, rsdp uint64, segment uint16) (coherent bool, err error) {
	b, err := find(mem, rsdp, "IORT", ErrIORT)
	if err != nil {
		return false, err
	}
	le := binary.LittleEndian
	if len(b) < iortOffset+4 {
		return false, ErrIORT
	}
	count, at := le.Uint32(b[iortCount:]), le.Uint32(b[iortOffset:])
	for b = b[min(uint64(len(b)), uint64(at)):]; count > 0 && len(b) >= nodeHeader; count-- {
		n := int(le.Uint16(b[nodeLength:]))
		if n < nodeHeader || n > len(b) {
			break
		}
		if b[0] == rootComplex && n >= rootSize && le.Uint32(b[rootSegment:]) == uint32(segment) {
			return le.Uint32(b[rootCoherent:]) == fullyCoherent, nil
		}
		b = b[n:]
	}
	return false, ErrIORT
}
