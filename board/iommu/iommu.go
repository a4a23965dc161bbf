// Package iommu ends the translation of DMA that firmware may have left on: a driver
// gives its device physical addresses, and messages that interrupt as they are
// (Intel Virtualization Technology for Directed I/O 4.0, 11.4; AMD I/O Virtualization Technology 3.07, 3.4).
package iommu

import (
	"errors"

	"gasp/drivers/reg"
)

// ErrStaysOn means that a unit does not do as it is told: its devices cannot be used.
var ErrStaysOn = errors.New("iommu: DMA remapping does not go off")

// WindowSize is how many bytes of registers Disable uses.
const WindowSize = 0x1000

// VT-d: 11.4.4.1, 11.4.4.2 and 11.4.8.1.
const (
	globalCommand = 0x18
	globalStatus  = 0x1c
	protected     = 0x64 // memory regions that no device reaches

	translates  = 1 << 31
	queues      = 1 << 26
	remapsIRQ   = 1 << 25
	oneShots    = 1<<30 | 1<<29 | 1<<27 | 1<<24 // of the status, not to be written back
	protects    = 1 << 31                       // EPM
	isProtected = 1 << 0                        // PRS
)

// AMD: MMIO offset 0018h.
const (
	amdControl = 0x18
	amdEnable  = 1 << 0
)

// maxPolls of a status: a unit answers within microseconds, a register takes one.
const maxPolls = 100_000

// Works tells whether a unit of VT-d, or of AMD's kind, does anything.
func Works(regs reg.Space, amd bool) bool {
	if amd {
		control := regs.Read32(amdControl)
		return control != ^uint32(0) && control&amdEnable != 0
	}
	status := regs.Read32(globalStatus)
	return status != ^uint32(0) && (status&(translates|remapsIRQ|queues) != 0 || regs.Read32(protected)&(protects|isProtected) != 0)
}

// Disable ends what a unit that works does. Error: ErrStaysOn.
func Disable(regs reg.Space, amd bool) error {
	if amd {
		regs.Write32(amdControl, regs.Read32(amdControl)&^amdEnable)
		return goes(regs, amdControl, amdEnable)
	}
	status := regs.Read32(globalStatus)
	for _, bit := range [...]uint32{translates, remapsIRQ, queues} { // the queue last: it serves the others
		if status&bit == 0 {
			continue
		}
		status &^= bit
		regs.Write32(globalCommand, status&^oneShots)
		if err := goes(regs, globalStatus, bit); err != nil {
			return err
		}
	}
	if regs.Read32(protected)&(protects|isProtected) != 0 {
		regs.Write32(protected, 0)
		return goes(regs, protected, isProtected)
	}
	return nil
}

// goes waits until a bit is 0.
func goes(regs reg.Space, off, bit uint32) error {
	for range maxPolls {
		if regs.Read32(off)&bit == 0 {
			return nil
		}
	}
	return ErrStaysOn
}
