// Package acpi reads from a PC's or an Arm server's firmware tables where its parts are and how it is
// switched off and reset (ACPI Specification 6.5, whose sections are named here, unless
// another specification is). The tables are not believed: every length is checked
// against the memory at hand.
package acpi

import (
	"encoding/binary"
	"errors"
)

// Errors of all that parse, if there is no such table, or it is damaged.
var (
	ErrRSDP = errors.New("acpi: no root pointer")
	ErrRSDT = errors.New("acpi: no root table")
	ErrFADT = errors.New("acpi: no fixed description table")
	ErrMADT = errors.New("acpi: no interrupt controller table")
	ErrHPET = errors.New("acpi: no event timer table")
)

// Memory returns n bytes at a physical address, or nil if they cannot be had.
type Memory func(addr, n uint64) []byte

const (
	headerSize = 36 // DESCRIPTION_HEADER, 5.2.6
	maxTable   = 1 << 20
	maxTables  = 256
)

// Search finds the root pointer where a BIOS leaves it: on a 16-byte boundary in
// the last 128 KiB below 1 MiB (5.2.5.1). It returns 0 if there is none.
func Search(mem Memory) uint64 {
	const start, end = 0xe0000, 0x100000
	for a := uint64(start); a < end; a += 16 {
		if validRSDP(mem(a, 20)) {
			return a
		}
	}
	return 0
}

func validRSDP(b []byte) bool {
	return len(b) >= 20 && string(b[:8]) == "RSD PTR " && sum(b[:20]) == 0
}

// find follows the tables from the root pointer to the one with a signature;
// without it the error is missing.
func find(mem Memory, rsdp uint64, signature string, missing error) ([]byte, error) {
	found, err := []byte(nil), missing
	if e := each(mem, rsdp, func(b []byte) bool {
		if string(b[:4]) == signature {
			found, err = b, nil
		}
		return found == nil
	}); e != nil {
		return nil, e
	}
	return found, err
}

// each visits the tables that the root table names and whose checksum is right, until visit returns false.
func each(mem Memory, rsdp uint64, visit func(b []byte) bool) error {
	root := mem(rsdp, 20)
	if !validRSDP(root) {
		return ErrRSDP
	}
	entry, rsdt := 4, uint64(binary.LittleEndian.Uint32(root[16:]))
	if root[15] >= 2 {
		if b := mem(rsdp, 36); b != nil && sum(b) == 0 {
			if xsdt := binary.LittleEndian.Uint64(b[24:]); xsdt != 0 {
				entry, rsdt = 8, xsdt
			}
		}
	}
	tables := table(mem, rsdt)
	if tables == nil {
		return ErrRSDT
	}
	tables = tables[headerSize:]
	for n := 0; n < maxTables && len(tables) >= entry; n++ {
		addr := uint64(binary.LittleEndian.Uint32(tables))
		if entry == 8 {
			addr = binary.LittleEndian.Uint64(tables)
		}
		if b := table(mem, addr); b != nil && !visit(b) {
			return nil
		}
		tables = tables[entry:]
	}
	return nil
}

// table returns a whole table whose checksum is right, or nil.
func table(mem Memory, addr uint64) []byte {
	h := mem(addr, headerSize)
	if h == nil {
		return nil
	}
	n := binary.LittleEndian.Uint32(h[4:])
	if n < headerSize || n > maxTable {
		return nil
	}
	b := mem(addr, uint64(n))
	if b == nil || sum(b) != 0 {
		return nil
	}
	return b
}

func sum(b []byte) (s uint8) {
	for _, c := range b {
		s += c
	}
	return s
}
