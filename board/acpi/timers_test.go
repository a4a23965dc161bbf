package acpi

import (
	"encoding/binary"
	"errors"
	"testing"
)

const madtAt, hpetAt = 0x40000, 0x50000

// timers are tables with a MADT of these structures and an HPET table with this
// body.
func timers(structures, hpet []byte) firmware {
	f := pc(116, s5Zero, nil)
	rsdt := binary.LittleEndian.AppendUint32(nil, fadtAt)
	rsdt = binary.LittleEndian.AppendUint32(rsdt, madtAt)
	f[rsdtAt] = tableOf("RSDT", binary.LittleEndian.AppendUint32(rsdt, hpetAt))
	f[madtAt] = tableOf("APIC", append([]byte{0, 0, 0xe0, 0xfe, 1, 0, 0, 0}, structures...))
	f[hpetAt] = tableOf("HPET", hpet)
	return f
}

func ioapic(addr, base uint32) []byte {
	b := []byte{madtIOAPIC, 12, 0, 0}
	b = binary.LittleEndian.AppendUint32(b, addr)
	return binary.LittleEndian.AppendUint32(b, base)
}

func override(bus, irq uint8, gsi uint32) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{madtOverride, 10, bus, irq}, gsi)
	return append(b, 0, 0)
}

func localNMI(lint uint8) []byte { return []byte{madtLocalNMI, 6, 0xff, 0, 0, lint} }

func join(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func TestMADT(t *testing.T) {
	localAPIC := []byte{0, 8, 0, 0, 1, 0, 0, 0}
	const first, second = 0xfec00000, 0xfec10000
	for _, tt := range []struct {
		name       string
		structures []byte
		want       Interrupts
	}{
		{"as QEMU's q35", join(localAPIC, ioapic(first, 0), override(0, 0, 2), override(0, 5, 5), localNMI(1)), Interrupts{first, 2, 1}},
		{"no override, as QEMU's microvm", join(localAPIC, ioapic(first, 0)), Interrupts{first, 2, 1}},
		{"override to itself", join(ioapic(first, 0), override(0, 0, 0)), Interrupts{first, 0, 1}},
		{"override before the I/O APIC", join(override(0, 0, 2), ioapic(first, 0)), Interrupts{first, 2, 1}},
		{"override of another bus", join(ioapic(first, 0), override(1, 0, 9)), Interrupts{first, 2, 1}},
		{"pin of the second I/O APIC", join(ioapic(first, 0), ioapic(second, 24), override(0, 0, 30)), Interrupts{second, 6, 1}},
		{"the second one first", join(ioapic(second, 24), ioapic(first, 0), override(0, 0, 2)), Interrupts{first, 2, 1}},
		{"NMI at LINT0", join(ioapic(first, 0), localNMI(0)), Interrupts{first, 2, 0}},
		{"NMI at LINT0, as of x2APICs", join(ioapic(first, 0), []byte{madtX2APICNMI, 12, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}), Interrupts{first, 2, 0}},
		{"NMI at a pin that there is not", join(ioapic(first, 0), localNMI(9)), Interrupts{first, 2, 1}},
		{"no I/O APIC", localAPIC, Interrupts{LINT: 1}},
		{"a pin that no I/O APIC has", join(ioapic(first, 0), override(0, 0, 1000)), Interrupts{LINT: 1}},
		{"a structure that is cut off", join(ioapic(first, 0), override(0, 0, 5)[:9]), Interrupts{first, 2, 1}},
		{"a structure of no length", join(ioapic(first, 0), []byte{9, 0}, override(0, 0, 5)), Interrupts{first, 2, 1}},
		{"nothing", nil, Interrupts{LINT: 1}},
	} {
		got, err := ParseMADT(timers(tt.structures, nil).memory, rsdpAt)
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	if _, err := ParseMADT(pc(116, s5Zero, nil).memory, rsdpAt); !errors.Is(err, ErrMADT) {
		t.Errorf("without a MADT: %v, want %v", err, ErrMADT)
	}
}

func TestHPET(t *testing.T) {
	body := func(space uint8, addr uint64, n int) []byte {
		b := make([]byte, hpetSize-headerSize)
		b[hpetAddress-headerSize] = space
		binary.LittleEndian.PutUint64(b[hpetAddress-headerSize+4:], addr)
		return b[:n]
	}
	for _, tt := range []struct {
		name string
		body []byte
		want uint64
		err  error
	}{
		{"as QEMU's", body(0, 0xfed00000, 20), 0xfed00000, nil},
		{"in I/O space", body(1, 0x400, 20), 0, ErrHPET},
		{"at 0", body(0, 0, 20), 0, ErrHPET},
		{"cut short", body(0, 0xfed00000, 19), 0, ErrHPET},
	} {
		if got, err := ParseHPET(timers(nil, tt.body).memory, rsdpAt); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %#x, %v; want %#x, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
	if _, err := ParseHPET(pc(116, s5Zero, nil).memory, rsdpAt); !errors.Is(err, ErrHPET) {
		t.Errorf("without an HPET table: %v, want %v", err, ErrHPET)
	}
}

func FuzzTables(f *testing.F) {
	f.Add(join(ioapic(0xfec00000, 0), override(0, 0, 2), localNMI(1)), make([]byte, 20))
	f.Add([]byte{1, 255}, []byte{})
	f.Fuzz(func(t *testing.T, madt, hpet []byte) {
		machine := timers(madt, hpet)
		i, err := ParseMADT(machine.memory, rsdpAt)
		if err != nil || i.Pin > maxPin || i.LINT > 1 {
			t.Errorf("%+v, %v: no such pin", i, err)
		}
		if addr, err := ParseHPET(machine.memory, rsdpAt); (addr == 0) != (err != nil) {
			t.Errorf("event timer at %#x, %v", addr, err)
		}
	})
}
