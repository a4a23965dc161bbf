package acpi

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

func TestRemappers(t *testing.T) {
	le := binary.LittleEndian
	unit := func(kind uint16, addr uint64) []byte {
		b := le.AppendUint16(nil, kind)
		b = append(le.AppendUint16(b, 24), 1, 0, 0, 0)
		return append(le.AppendUint64(b, addr), make([]byte, 8)...)
	}
	amd := func(kind uint8, addr uint64) []byte {
		b := append([]byte{kind, 0, 32, 0}, make([]byte, 28)...)
		le.PutUint64(b[ivhdAddress:], addr)
		return b
	}
	body := func(structures ...[]byte) []byte { return append(make([]byte, 12), join(structures...)...) }
	for _, tt := range []struct {
		name, table string
		body        []byte
		room        int
		want        []Remapper
	}{
		{"as QEMU's", "DMAR", body(unit(0, 0xfed90000)), 4, []Remapper{{0xfed90000, false}}},
		{"two, with a reserved region between", "DMAR", body(unit(0, 0xfed90000), unit(1, 5), unit(0, 0xfed91000)), 4, []Remapper{{0xfed90000, false}, {0xfed91000, false}}},
		{"more than there is room for", "DMAR", body(unit(0, 0xfed90000), unit(0, 0xfed91000)), 1, []Remapper{{0xfed90000, false}}},
		{"a structure of no length", "DMAR", body([]byte{0, 0, 0, 0}, unit(0, 0xfed90000)), 4, nil},
		{"cut off", "DMAR", body(unit(0, 0xfed90000))[:30], 4, nil},
		{"empty", "DMAR", nil, 4, nil},
		{"AMD, described three times", "IVRS", body(amd(0x10, 0xfeb80000), amd(0x11, 0xfeb80000), amd(0x40, 0xfeb80000)), 4, []Remapper{{0xfeb80000, true}}},
		{"AMD's memory", "IVRS", body(amd(0x20, 0xfeb80000)), 4, nil},
	} {
		list := make([]Remapper, tt.room)
		n, err := Remappers(with(tt.table, 0x70000, tt.body).memory, rsdpAt, list)
		if err != nil || !slices.Equal(list[:n], tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, list[:n], err, tt.want)
		}
	}
	if _, err := Remappers(pc(116, s5Zero, nil).memory, rsdpAt, nil); !errors.Is(err, ErrRemapping) {
		t.Errorf("without a table: %v, want %v", err, ErrRemapping)
	}
}
