package acpi

import (
	"slices"
	"testing"
)

func TestLocalAPICs(t *testing.T) {
	cpu := func(id, flags byte) []byte { return []byte{madtLocalAPIC, 8, 0, id, flags, 0, 0, 0} }
	for _, test := range []struct {
		name       string
		structures [][]byte
		room       int
		want       []uint8
	}{
		{"none", nil, 4, nil},
		{"two of three enabled", [][]byte{cpu(0, 1), cpu(4, 0), cpu(2, 1)}, 4, []uint8{0, 2}},
		{"more than there is room for", [][]byte{cpu(0, 1), cpu(1, 1), cpu(2, 1)}, 2, []uint8{0, 1}},
		{"structure too short", [][]byte{{madtLocalAPIC, 4, 0, 9}, cpu(1, 1)}, 4, []uint8{1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := make([]byte, madtStructures)
			body = append(body, slices.Concat(test.structures...)...)
			ids := make([]uint8, test.room)
			n := parseLocalAPICs(body, ids)
			if !slices.Equal(ids[:n], test.want) {
				t.Errorf("processors %v, want %v", ids[:n], test.want)
			}
		})
	}
	if n := LocalAPICs(func(addr, n uint64) []byte { return nil }, 0, make([]uint8, 4)); n != 0 {
		t.Errorf("%d processors without any table, want 0", n)
	}
}
