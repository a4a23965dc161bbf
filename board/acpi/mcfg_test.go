package acpi

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

const mcfgAt = 0x60000

// with are tables with one more of this signature and body.
func with(signature string, at uint64, body []byte) firmware {
	f := pc(116, s5Zero, nil)
	rsdt := binary.LittleEndian.AppendUint32(nil, fadtAt)
	f[rsdtAt] = tableOf("RSDT", binary.LittleEndian.AppendUint32(rsdt, uint32(at)))
	f[at] = tableOf(signature, body)
	return f
}

func configWindow(base uint64, segment uint16, first, last uint8) []byte {
	b := binary.LittleEndian.AppendUint64(nil, base)
	b = binary.LittleEndian.AppendUint16(b, segment)
	return append(b, first, last, 0, 0, 0, 0)
}

func TestMCFG(t *testing.T) {
	const q35 = 0xB0000000
	one := ConfigWindow{q35, 0, 0, 255}
	for _, tt := range []struct {
		name    string
		entries []byte
		want    []ConfigWindow
	}{
		{"as QEMU's q35", configWindow(q35, 0, 0, 255), []ConfigWindow{one}},
		{"two segments, the second above 4 GiB", join(configWindow(q35, 0, 0, 255), configWindow(1<<40, 1, 0x80, 0x8F)),
			[]ConfigWindow{one, {1 << 40, 1, 0x80, 0x8F}}},
		{"one segment in two windows", join(configWindow(q35, 0, 0, 0x3F), configWindow(q35, 0, 0x40, 0x7F)),
			[]ConfigWindow{{q35, 0, 0, 0x3F}, {q35, 0, 0x40, 0x7F}}},
		{"buses in the wrong order", configWindow(q35, 0, 9, 8), nil},
		{"no address", configWindow(0, 0, 0, 255), nil},
		{"an address that is not a bus's", configWindow(q35+4096, 0, 0, 255), nil},
		{"beyond the address space", join(configWindow(1<<64-1<<20, 0, 0, 255), configWindow(q35, 0, 0, 255)), []ConfigWindow{one}},
		{"cut off", configWindow(q35, 0, 0, 255)[:15], nil},
		{"empty", nil, nil},
		{"more than are told", slices.Repeat(configWindow(q35, 0, 0, 255), 40), slices.Repeat([]ConfigWindow{one}, MaxConfigWindows)},
	} {
		got, err := ParseMCFG(with("MCFG", mcfgAt, append(make([]byte, 8), tt.entries...)).memory, rsdpAt)
		if !slices.Equal(got, tt.want) || (err != nil) != (tt.want == nil) {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	w := ConfigWindow{q35, 0, 0x40, 0x7F}
	if w.Start() != q35+0x40<<20 || w.Size() != 64<<20 {
		t.Errorf("window from %#x on, %#x bytes", w.Start(), w.Size())
	}
	if _, err := ParseMCFG(pc(116, s5Zero, nil).memory, rsdpAt); !errors.Is(err, ErrMCFG) {
		t.Errorf("without an MCFG: %v, want %v", err, ErrMCFG)
	}
}
