package pci

import "errors"

// ErrBadCapabilities means that the capability list points outside its space or
// back into itself.
var ErrBadCapabilities = errors.New("pci: capability list broken")

// Capabilities visits the capability list (LB 6.7): the id of each capability
// and its offset, until visit returns false or the list ends. A list that is
// broken is visited up to there and gives ErrBadCapabilities.
func (f *Function) Capabilities(visit func(id uint8, off uint16) bool) error {
	if f.Read16(regStatus)&statusCapabilities == 0 {
		return nil
	}
	var seen uint64 // one bit for each place of 4 bytes
	next := f.Read8(regCapabilities) &^ capabilityPointerLow
	for next != 0 {
		off := uint16(next)
		if off < firstCapability || seen&(1<<(off/4)) != 0 {
			return ErrBadCapabilities
		}
		seen |= 1 << (off / 4)
		head := f.Read32(off)
		id := uint8(head)
		if id == 0xFF {
			return ErrBadCapabilities
		}
		if !visit(id, off) {
			return nil
		}
		next = uint8(head>>8) &^ capabilityPointerLow
	}
	return nil
}
