package acpi

import (
	"encoding/binary"
	"slices"
	"testing"
)

func TestIOAPICs(t *testing.T) {
	const first, second = 0xfec00000, 0xfec10000
	for _, tt := range []struct {
		name       string
		structures []byte
		room       int
		want       []IOAPIC
	}{
		{"one", ioapic(first, 0), 4, []IOAPIC{{first, 0}}},
		{"two, as microvm", join(ioapic(first, 0), ioapic(second, 24)), 4, []IOAPIC{{first, 0}, {second, 24}}},
		{"more than there is room for", join(ioapic(first, 0), ioapic(second, 24)), 1, []IOAPIC{{first, 0}}},
		{"cut off", ioapic(first, 0)[:11], 4, nil},
		{"none", nil, 4, nil},
	} {
		list := make([]IOAPIC, tt.room)
		n := IOAPICs(timers(tt.structures, nil).memory, rsdpAt, list)
		if !slices.Equal(list[:n], tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, list[:n], tt.want)
		}
	}
	if n := IOAPICs(pc(116, s5Zero, nil).memory, rsdpAt, make([]IOAPIC, 4)); n != 0 {
		t.Errorf("%d I/O APICs without a table", n)
	}
}

func TestActiveHigh(t *testing.T) {
	flagged := func(irq byte, flags uint16) []byte {
		b := override(0, irq, uint32(irq))
		binary.LittleEndian.PutUint16(b[8:], flags)
		return b
	}
	for _, tt := range []struct {
		name       string
		structures []byte
		want       bool
	}{
		{"high, as QEMU's pc", flagged(11, 0xD), true},
		{"low", flagged(11, 0xF), false},
		{"as the bus has it", flagged(11, 0), false},
		{"another one", flagged(10, 0xD), false},
		{"cut off", flagged(11, 0xD)[:9], false},
		{"nothing", nil, false},
	} {
		if got := ActiveHigh(timers(tt.structures, nil).memory, rsdpAt, 11); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
