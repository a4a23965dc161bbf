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

// Disable ends what a unit of VT-d, or of AMD's kind, does. was tells whether it did anything. Error: ErrStaysOn.
func Disable(regs reg.Space, amd bool) (was bool, err error) {
	if amd {
		return disableAMD(regs)
	}
	status := regs.Read32(globalStatus)
	if status == ^uint32(0) {
		return false, nil
	}
	for _, bit := range [...]uint32{translates, remapsIRQ, queues} { // the queue last: it serves the others
		if status&bit == 0 {
			continue
		}
		was = true
		status &^= bit
		regs.Write32(globalCommand, status&^oneShots)
		if !goes(regs, globalStatus, bit) {
			return was, ErrStaysOn
		}
	}
	if regs.Read32(protected)&(protects|isProtected) != 0 {
		was = true
		regs.Write32(protected, 0)
		if !goes(regs, protected, isProtected) {
			return was, ErrStaysOn
		}
	}
	return was, nil
}

func disableAMD(regs reg.Space) (was bool, err error) {
	control := regs.Read32(amdControl)
	if control == ^uint32(0) || control&amdEnable == 0 {
		return false, nil
	}
	regs.Write32(amdControl, control&^amdEnable)
	if !goes(regs, amdControl, amdEnable) {
		return true, ErrStaysOn
	}
	return true, nil
}

// goes waits until a bit is 0.
func goes(regs reg.Space, off, bit uint32) bool {
	for range maxPolls {
		if regs.Read32(off)&bit == 0 {
			return true
		}
	}
	return false
}
