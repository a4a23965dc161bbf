package acpi

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// firmware is memory with tables in it, at made-up addresses.
type firmware map[uint64][]byte

func (f firmware) memory(addr, n uint64) []byte {
	for start, b := range f {
		if addr >= start && addr < start+uint64(len(b)) && n <= start+uint64(len(b))-addr {
			return b[addr-start:][:n]
		}
	}
	return nil
}

const (
	rsdpAt, rsdtAt, fadtAt, dsdtAt = 0xf0000, 0x10000, 0x20000, 0x30000
	rsdpSize                       = 20
)

func seal(b []byte, at int) []byte {
	b[at] = 0
	b[at] = -sum(b)
	return b
}

func tableOf(name string, body []byte) []byte {
	b := make([]byte, headerSize, headerSize+len(body))
	copy(b, name)
	b = append(b, body...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
	return seal(b, 9)
}

// pc makes the tables of a machine whose FADT is n bytes long.
func pc(n int, dsdt string, edit func(fadt []byte)) firmware {
	rsdp := make([]byte, rsdpSize)
	copy(rsdp, "RSD PTR ")
	binary.LittleEndian.PutUint32(rsdp[16:], rsdtAt)
	fadt := make([]byte, 300)
	binary.LittleEndian.PutUint32(fadt[fadtDSDT:], dsdtAt)
	binary.LittleEndian.PutUint32(fadt[fadtPM1aControl:], 0x604)
	if edit != nil {
		edit(fadt)
	}
	rsdt := binary.LittleEndian.AppendUint32(nil, dsdtAt) // not the one that is looked for
	rsdt = binary.LittleEndian.AppendUint32(rsdt, fadtAt)
	return firmware{
		rsdpAt: seal(rsdp, 8),
		rsdtAt: tableOf("RSDT", rsdt),
		fadtAt: tableOf("FACP", fadt[headerSize:n]),
		dsdtAt: tableOf("DSDT", []byte(dsdt)),
	}
}

const (
	s5Zero  = "junk\x08_S5_\x12\x06\x04\x00\x00\x00\x00 more"
	s5Bytes = "junk\x08_S5_\x12\x0a\x04\x0a\x05\x0a\x05\x00\x00"
	s5Long  = "junk\x08_S5_\x12\x46\x00\x04\x01\x00\x00\x00"
)

func TestSearchFindsRootPointer(t *testing.T) {
	area := make([]byte, 0x20000)
	copy(area[0x1230:], pc(116, "", nil)[rsdpAt])
	copy(area[0x1000:], "RSD PTR ") // checksum wrong
	area[0x1010] = 1
	if got := Search(firmware{0xe0000: area}.memory); got != 0xe1230 {
		t.Errorf("root pointer found at %#x, want 0xe1230", got)
	}
	if got := Search(firmware{}.memory); got != 0 {
		t.Errorf("root pointer found at %#x in no memory", got)
	}
}

func TestMissingTables(t *testing.T) {
	without := func(addr uint64) firmware {
		f := pc(116, s5Zero, nil)
		delete(f, addr)
		return f
	}
	for _, tt := range []struct {
		missing uint64
		want    error
	}{{rsdpAt, ErrRSDP}, {rsdtAt, ErrRSDT}, {fadtAt, ErrFADT}} {
		if _, err := ParseFADT(without(tt.missing).memory, rsdpAt); err != tt.want {
			t.Errorf("without the table at %#x: %v, want %v", tt.missing, err, tt.want)
		}
	}
	if f, err := ParseFADT(without(dsdtAt).memory, rsdpAt); err != nil || f.Power.Off[0].Space != None {
		t.Errorf("without DSDT: %+v, %v; want no way to switch off", f, err)
	}
}

// TestDamagedXSDT: what it does not name, or cannot be followed to, the RSDT has.
func TestDamagedXSDT(t *testing.T) {
	const xsdtAt, wrongAt = 0x40000, 0x50000
	for _, tt := range []struct {
		name  string
		spoil func(f firmware)
	}{
		{"whole", func(f firmware) {}},
		{"not there", func(f firmware) { delete(f, xsdtAt) }},
		{"a wrong checksum", func(f firmware) { f[xsdtAt][9]++ }},
		{"empty", func(f firmware) { f[xsdtAt] = tableOf("XSDT", nil) }},
		{"addresses of nothing", func(f firmware) {
			f[xsdtAt] = tableOf("XSDT", make([]byte, 16))
			f[0] = tableOf("FACP", make([]byte, fadtFirst-headerSize))
		}},
		{"without the RSDT", func(f firmware) { delete(f, rsdtAt) }},
		{"with the wrong table, where the RSDT has another", func(f firmware) {
			f[wrongAt] = tableOf("FACP", make([]byte, fadtFirst-headerSize))
			f[rsdtAt] = tableOf("RSDT", binary.LittleEndian.AppendUint32(nil, wrongAt))
		}},
	} {
		f := pc(116, s5Zero, nil)
		f[xsdtAt] = tableOf("XSDT", binary.LittleEndian.AppendUint64(nil, fadtAt))
		rsdp := append(f[rsdpAt], make([]byte, 36-rsdpSize)...)
		rsdp[15] = 2
		binary.LittleEndian.PutUint64(rsdp[24:], xsdtAt)
		rsdp[8] -= sum(rsdp[:rsdpSize])
		f[rsdpAt] = seal(rsdp, 32)
		tt.spoil(f)
		if got, err := ParseFADT(f.memory, rsdpAt); err != nil || got.Power.Off[0].Addr != 0x604 {
			t.Errorf("XSDT %s: %+v, %v", tt.name, got, err)
		}
	}
}

// TestGarbage flips bytes everywhere, with checksums made right again: nothing
// may read outside the tables.
func TestGarbage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		f := pc(268, s5Bytes, nil)
		for addr, b := range f {
			for range r.IntN(6) {
				b[r.IntN(len(b))] = byte(r.Uint32())
			}
			if addr == rsdpAt {
				seal(b, 8)
			} else {
				seal(b, 9)
			}
		}
		ParseFADT(f.memory, rsdpAt)
	}
}
