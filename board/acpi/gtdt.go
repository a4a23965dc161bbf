package acpi

import (
	"encoding/binary"
	"errors"
)

// ErrGTDT means that there is no table of the generic timer, or a damaged one.
var ErrGTDT = errors.New("acpi: no generic timer table")

// A Line is an interrupt of a processor's generic timer: its number in the controller, and how it is triggered.
type Line struct {
	ID   uint32
	Edge bool
}

// Offsets in the GTDT (5.2.25), and its flags.
const (
	gtdtPhysical = 56 // EL1, non-secure
	gtdtVirtual  = 64
	gtdtSize     = 72
	gtdtFlags    = 4 // behind a number

	timerEdge = 1 << 0
)

// ParseGTDT returns the interrupts of EL1's physical and of its virtual timer. Errors: ErrRSDP, ErrRSDT, ErrGTDT.
func ParseGTDT(mem Memory, rsdp uint64) (physical, virtual Line, err error) {
	b, err := find(mem, rsdp, "GTDT", ErrGTDT)
	if err != nil {
		return Line{}, Line{}, err
	}
	if len(b) < gtdtSize {
		return Line{}, Line{}, ErrGTDT
	}
	line := func(at int) Line {
		return Line{
			ID:   binary.LittleEndian.Uint32(b[at:]),
			Edge: binary.LittleEndian.Uint32(b[at+gtdtFlags:])&timerEdge != 0,
		}
	}
	return line(gtdtPhysical), line(gtdtVirtual), nil
}
