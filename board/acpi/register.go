package acpi

import "encoding/binary"

// Space is where a register is.
type Space uint8

// The address spaces (table 5.1) that registers here can be in.
const (
	None     Space = iota // there is no register
	InMemory              // Addr is physical
	InIO                  // Addr is an I/O port
	InPCI                 // configuration space: see PCI
)

// A Register is one of the chipset's. The zero value is none.
type Register struct {
	Space Space
	Bits  uint8 // width: 8, 16 or 32
	Addr  uint64
}

// PCI is the function, on bus 0 of segment 0, and the offset of a register in
// configuration space (5.2.3.2).
func (r Register) PCI() (dev, fn uint8, off uint16) {
	return uint8(r.Addr >> 32), uint8(r.Addr >> 16), uint16(r.Addr)
}

// addressSize is that of a Generic Address Structure (5.2.3.2), in bytes.
const addressSize = 12

// genericAddress reads a Generic Address Structure, for a register of so many bits.
func genericAddress(b []byte, bits uint8) Register {
	const memory, io, pci = 0, 1, 2
	addr := binary.LittleEndian.Uint64(b[4:])
	r := Register{Addr: addr, Bits: bits}
	switch {
	case addr == 0:
	case b[0] == memory:
		r.Space = InMemory
	case b[0] == io && addr < 1<<16:
		r.Space = InIO
	case b[0] == pci && addr>>32 < 32 && addr>>16&0xffff < 8 && addr&0xffff < 4096:
		r.Space = InPCI
	}
	if r.Space == None {
		return Register{}
	}
	return r
}

// port is a register at an I/O port, none for 0.
func port(addr uint32, bits uint8) Register {
	if addr == 0 || addr >= 1<<16 {
		return Register{}
	}
	return Register{Space: InIO, Bits: bits, Addr: uint64(addr)}
}
