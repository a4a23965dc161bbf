package qtest

import "gasp/drivers/reg"

// Registers is the registers that are in memory at a bus address.
func (m *Machine) Registers(address uint32) reg.Space {
	return space{m, address, "read", "write"}
}

// Ports is the registers that are behind I/O ports from the one given.
func (m *Machine) Ports(port uint32) reg.Space {
	return space{m, port, "in", "out"}
}

// A space reads and writes with the commands that begin with these words; b, w
// or l follows for the width.
type space struct {
	m           *Machine
	base        uint32
	read, write string
}

func (s space) get(width string, off uint32) uint32 {
	return s.m.command("%s%s %#x", s.read, width, s.base+off)
}

func (s space) set(width string, off, v uint32) {
	s.m.command("%s%s %#x %#x", s.write, width, s.base+off, v)
}

func (s space) Read8(off uint32) uint8       { return uint8(s.get("b", off)) }
func (s space) Read16(off uint32) uint16     { return uint16(s.get("w", off)) }
func (s space) Read32(off uint32) uint32     { return s.get("l", off) }
func (s space) Write8(off uint32, v uint8)   { s.set("b", off, uint32(v)) }
func (s space) Write16(off uint32, v uint16) { s.set("w", off, uint32(v)) }
func (s space) Write32(off uint32, v uint32) { s.set("l", off, v) }
