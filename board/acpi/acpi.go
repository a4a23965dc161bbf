// Package acpi reads from a PC's firmware tables how to switch it off, how to
// reset it, and how its timers interrupt (ACPI Specification 6.5). The tables are
// not believed: every length is checked against the memory at hand.
package acpi

import (
	"encoding/binary"
	"errors"
)

// A Register is where to write one value. Addr 0 means that there is none.
type Register struct {
	Addr uint64
	IO   bool // an I/O port, otherwise memory
	Bits int  // width, 8 or 16
}

// Power says what to write where.
type Power struct {
	Off        Register
	OffValue   uint16
	Reset      Register
	ResetValue uint16
}

// Errors of Parse, ParseMADT and ParseHPET.
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

// Offsets in the FADT (table 5.9).
const (
	fadtDSDT         = 40
	fadtPM1aControl  = 64
	fadtFlags        = 112
	fadtReset        = 116
	fadtResetValue   = 128
	fadtSleepControl = 244

	flagResetSupported  = 1 << 10
	flagHardwareReduced = 1 << 20
)

// Sleep control: in PM1a_CNT bits 10-12 are the type, bit 13 does it (4.8.3.2);
// in the reduced register bits 2-4 and bit 5 (4.8.3.7).
const (
	pm1SleepEnable = 1 << 13
	pm1SleepType   = 10
	sleepEnable    = 1 << 5
	sleepType      = 2
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

// Parse reads the fixed description table. rsdp is the address of the root
// pointer. Errors: ErrRSDP, ErrRSDT, ErrFADT.
func Parse(mem Memory, rsdp uint64) (Power, error) {
	b, err := find(mem, rsdp, "FACP", ErrFADT)
	if err != nil {
		return Power{}, err
	}
	return parseFADT(mem, b), nil
}

// find follows the tables from the root pointer to the one with a signature;
// without it the error is missing.
func find(mem Memory, rsdp uint64, signature string, missing error) ([]byte, error) {
	root := mem(rsdp, 20)
	if !validRSDP(root) {
		return nil, ErrRSDP
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
		return nil, ErrRSDT
	}
	tables = tables[headerSize:]
	for n := 0; n < maxTables && len(tables) >= entry; n++ {
		addr := uint64(binary.LittleEndian.Uint32(tables))
		if entry == 8 {
			addr = binary.LittleEndian.Uint64(tables)
		}
		if b := table(mem, addr); b != nil && string(b[:4]) == signature {
			return b, nil
		}
		tables = tables[entry:]
	}
	return nil, missing
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

func parseFADT(mem Memory, b []byte) Power {
	var p Power
	if len(b) < fadtReset { // what revision 1 ends with
		return p
	}
	flags := binary.LittleEndian.Uint32(b[fadtFlags:])
	if flags&flagResetSupported != 0 && len(b) > fadtResetValue {
		p.Reset = genericAddress(b[fadtReset:])
		p.ResetValue = uint16(b[fadtResetValue])
	}
	s5, ok := sleepTypeS5(table(mem, uint64(binary.LittleEndian.Uint32(b[fadtDSDT:]))))
	switch {
	case !ok:
	case flags&flagHardwareReduced != 0:
		if len(b) >= fadtSleepControl+12 {
			p.Off = genericAddress(b[fadtSleepControl:])
			p.OffValue = s5<<sleepType | sleepEnable
		}
	default:
		if port := binary.LittleEndian.Uint32(b[fadtPM1aControl:]); port != 0 && port < 1<<16 {
			p.Off = Register{Addr: uint64(port), IO: true, Bits: 16}
			p.OffValue = s5<<pm1SleepType | pm1SleepEnable
		}
	}
	return p
}

// genericAddress reads a Generic Address Structure (5.2.3.2) of memory or I/O
// space.
func genericAddress(b []byte) Register {
	const memory, io = 0, 1
	addr := binary.LittleEndian.Uint64(b[4:])
	switch {
	case b[0] == io && addr < 1<<16:
		return Register{Addr: addr, IO: true, Bits: 8}
	case b[0] == memory:
		return Register{Addr: addr, Bits: 8}
	}
	return Register{}
}

// sleepTypeS5 finds SLP_TYPa of the soft-off state in the DSDT: the package that
// AML names _S5_ (20.2.5.4), without interpreting the rest.
func sleepTypeS5(dsdt []byte) (uint16, bool) {
	const bytePrefix, zeroOp, oneOp = 0x0a, 0x00, 0x01
	for i := headerSize; i+8 < len(dsdt); i++ {
		if string(dsdt[i:i+5]) != "_S5_\x12" {
			continue
		}
		b := dsdt[i+5:]
		b = b[min(len(b), 1+int(b[0]>>6)):] // PkgLength is one to four bytes
		if len(b) < 3 {
			return 0, false
		}
		switch v := b[1]; v { // after NumElements
		case zeroOp, oneOp:
			return uint16(v), true
		case bytePrefix:
			return uint16(b[2]) & 7, true
		}
	}
	return 0, false
}

func sum(b []byte) (s uint8) {
	for _, c := range b {
		s += c
	}
	return s
}
