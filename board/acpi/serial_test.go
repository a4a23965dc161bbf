package acpi

import (
	"encoding/binary"
	"errors"
	"testing"
)

// spcr is the body of an SPCR table.
func spcr(kind uint8, address []byte, baud uint8) []byte {
	b := make([]byte, 80-headerSize)
	b[spcrType-headerSize] = kind
	copy(b[spcrAddress-headerSize:], address)
	b[spcrBaud-headerSize] = baud
	return b
}

// debugPort is a device of a DBG2 table.
func debugPort(kind, subtype uint16, address []byte) []byte {
	le := binary.LittleEndian
	b := make([]byte, debugSize+len(address)+4)
	le.PutUint16(b[debugLength:], uint16(len(b)))
	b[debugAddresses] = 1
	le.PutUint16(b[debugType:], kind)
	le.PutUint16(b[debugSubtype:], subtype)
	le.PutUint16(b[debugAddress:], debugSize)
	copy(b[debugSize:], address)
	return b
}

func dbg2(ports ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, dbg2Count+4)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(ports)))
	return append(b, join(ports...)...)
}

// wide is an address with widths of register and access.
func wide(space uint8, bits, access uint8, addr uint64) []byte {
	b := address(space, addr)
	b[1], b[3] = bits, access
	return b
}

func TestSerial(t *testing.T) {
	com := func(addr uint64, baud uint32) Serial { return Serial{Register{InIO, 8, addr}, 1, baud} }
	mmio := func(bits uint8) Serial { return Serial{Register{InMemory, bits, 0xfe034000}, uint32(bits / 8), 0} }
	for _, tt := range []struct {
		name, table string
		body        []byte
		want        Serial
		ok          bool
	}{
		{"COM2", "SPCR", spcr(0, address(1, 0x2f8), 7), com(0x2f8, 115200), true},
		{"9600 baud", "SPCR", spcr(1, address(1, 0x3f8), 3), com(0x3f8, 9600), true},
		{"as the firmware has it", "SPCR", spcr(0, address(1, 0x3f8), 0), com(0x3f8, 0), true},
		{"a port of 32 bits is one of 8", "SPCR", spcr(0, wide(1, 32, 3, 0x3f8), 0), com(0x3f8, 0), true},
		{"in memory, bytes", "SPCR", spcr(0, wide(0, 8, 1, 0xfe034000), 0), mmio(8), true},
		{"in memory, 32 bits by access", "SPCR", spcr(0x12, wide(0, 32, 3, 0xfe034000), 0), mmio(32), true},
		{"in memory, 32 bits by register", "SPCR", spcr(0, wide(0, 32, 0, 0xfe034000), 0), mmio(32), true},
		{"an ARM PL011", "SPCR", spcr(3, address(0, 0xfe034000), 0), Serial{}, false},
		{"redirection off", "SPCR", spcr(0, address(1, 0), 7), Serial{}, false},
		{"cut short", "SPCR", spcr(0, address(1, 0x3f8), 7)[:20], Serial{}, false},
		{"for debugging", "DBG2", dbg2(debugPort(debugSerial, 0, wide(0, 32, 3, 0xfe034000))), mmio(32), true},
		{"after another kind", "DBG2", dbg2(debugPort(0x8003, 0, address(0, 0xfe000000)), debugPort(debugSerial, 1, address(1, 0x3e8))), com(0x3e8, 0), true},
		{"only another kind", "DBG2", dbg2(debugPort(0x8003, 0, address(0, 0xfe000000))), Serial{}, false},
		{"fewer devices than it says", "DBG2", append(dbg2()[:4], 200, 0, 0, 0), Serial{}, false},
		{"a device cut short", "DBG2", dbg2(debugPort(debugSerial, 0, address(1, 0x3f8))[:debugSize+5]), Serial{}, false},
		{"an empty table", "DBG2", nil, Serial{}, false},
	} {
		got, err := ParseSerial(with(tt.table, 0x70000, tt.body).memory, rsdpAt)
		if got != tt.want || tt.ok != (err == nil) {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	if _, err := ParseSerial(pc(116, s5Zero, nil).memory, rsdpAt); !errors.Is(err, ErrSerial) {
		t.Errorf("without a table: %v, want %v", err, ErrSerial)
	}
}
