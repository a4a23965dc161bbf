package acpi

import (
	"encoding/binary"
	"slices"
	"testing"
)

func TestLocalAPICs(t *testing.T) {
	cpu := func(id, flags byte) []byte { return []byte{madtLocalAPIC, 8, 0, id, flags, 0, 0, 0} }
	x2 := func(id uint32, flags byte) []byte {
		b := []byte{madtLocalX2APIC, 16, 0, 0}
		b = binary.LittleEndian.AppendUint32(b, id)
		return append(b, flags, 0, 0, 0, 7, 0, 0, 0)
	}
	for _, test := range []struct {
		name       string
		structures [][]byte
		room       int
		want       []uint32
		all        int
	}{
		{"none", nil, 4, nil, 0},
		{"two of three enabled", [][]byte{cpu(0, 1), cpu(4, 0), cpu(2, 1)}, 4, []uint32{0, 2}, 2},
		{"more than there is room for", [][]byte{cpu(0, 1), cpu(1, 1), cpu(2, 1)}, 2, []uint32{0, 1}, 3},
		{"structure too short", [][]byte{{madtLocalAPIC, 4, 0, 9}, cpu(1, 1)}, 4, []uint32{1}, 1},
		{"an id that is none", [][]byte{cpu(0xff, 1), x2(0xffffffff, 1), cpu(1, 1)}, 4, []uint32{1}, 1},
		{"ids beyond 255", [][]byte{cpu(0, 1), x2(256, 1), x2(0x12345678, 1), x2(300, 0)}, 4, []uint32{0, 256, 0x12345678}, 3},
		{"each twice", [][]byte{cpu(0, 1), cpu(2, 1), x2(0, 1), x2(2, 1)}, 4, []uint32{0, 2}, 2},
		{"x2APIC too short", [][]byte{{madtLocalX2APIC, 8, 0, 0, 3, 0, 0, 0}, cpu(1, 1)}, 4, []uint32{1}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := make([]byte, madtStructures)
			body = append(body, slices.Concat(test.structures...)...)
			ids := make([]uint32, test.room)
			n := parseLocalAPICs(body, ids)
			if got := ids[:min(n, len(ids))]; !slices.Equal(got, test.want) || n != test.all {
				t.Errorf("processors %v of %d, want %v of %d", got, n, test.want, test.all)
			}
		})
	}
	if n := LocalAPICs(func(addr, n uint64) []byte { return nil }, 0, make([]uint32, 4)); n != 0 {
		t.Errorf("%d processors without any table, want 0", n)
	}
}
