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

// each visits the tables that the root tables name and whose checksum is right, until visit returns false: those of the XSDT, and then those of the
// RSDT, which are the same tables but on machines whose XSDT is damaged (Linux arch/x86/kernel/acpi/boot.c, disable_acpi_xsdt).
func each(mem Memory, rsdp uint64, visit func(b []byte) bool) error {
	root := mem(rsdp, 20)
	if !validRSDP(root) {
		return ErrRSDP
	}
	xsdt, rsdt := []byte(nil), table(mem, uint64(binary.LittleEndian.Uint32(root[16:])))
	if root[15] >= 2 {
		if b := mem(rsdp, 36); b != nil && sum(b) == 0 {
			xsdt = table(mem, binary.LittleEndian.Uint64(b[24:]))
		}
	}
	if xsdt == nil && rsdt == nil {
		return ErrRSDT
	}
	if eachOf(mem, xsdt, 8, visit) {
		eachOf(mem, rsdt, 4, visit)
	}
	return nil
}

// eachOf visits those of one root table, nil for none, whose addresses have so many bytes. It returns false if visit did.
func eachOf(mem Memory, root []byte, size int, visit func(b []byte) bool) bool {
	list := root[min(len(root), headerSize):]
	for n := 0; n < maxTables && len(list) >= size; n++ {
		addr := uint64(binary.LittleEndian.Uint32(list))
		if size == 8 {
			addr = binary.LittleEndian.Uint64(list)
		}
		if b := table(mem, addr); b != nil && !visit(b) {
			return false
		}
		list = list[size:]
	}
	return true
}

// table returns a whole table whose checksum is right, or nil; at 0 there is none, whatever lies there.
func table(mem Memory, addr uint64) []byte {
	if addr == 0 {
		return nil
	}
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
