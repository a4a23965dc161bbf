package pci

import (
	"errors"
	"testing"

	"gasp/drivers/reg"
)

// withCapability is a NIC with one capability at off: its words from there on, and which bits can be written.
func withCapability(off int, words, writable []uint32, bars ...uint32) *model {
	m := nic(bars...)
	m.reg[0x34/4] = uint32(off)
	for i := range words {
		if off/4+i < len(m.reg) {
			m.reg[off/4+i], m.writable[off/4+i] = words[i], writable[i]
		}
	}
	return m
}

const message = 0xFEE01000

func TestEnableMSI(t *testing.T) {
	const enable, most = 1 << 16, 7 << 20
	for _, tt := range []struct {
		name     string
		off      int
		words    []uint32
		writable []uint32
		address  uint64
		want     []uint32
		err      error
	}{
		{"32 bits", 0x50, []uint32{0x05 | 3<<17, 0, 0}, []uint32{enable | most, ^uint32(3), 0xFFFF}, message,
			[]uint32{0x05 | 3<<17 | enable, message, 0x20}, nil},
		{"64 bits, of 8 vectors that firmware had enabled", 0xD0, []uint32{0x05 | 1<<23 | 3<<20 | enable, 0, 0, 0}, []uint32{enable | most, ^uint32(3), ^uint32(0), 0xFFFF}, 5<<32 | message,
			[]uint32{0x05 | 1<<23 | enable, message, 5, 0x20}, nil},
		{"an address that is too wide", 0x50, []uint32{0x05, 0, 0}, []uint32{enable, ^uint32(3), 0xFFFF}, 5<<32 | message,
			[]uint32{0x05, 0, 0}, ErrNoMSI},
		{"it does not stay enabled", 0x50, []uint32{0x05, 0, 0}, []uint32{0, ^uint32(3), 0xFFFF}, message,
			[]uint32{0x05, message, 0x20}, ErrNoMSI},
		{"none", 0x50, []uint32{0x09, 0, 0}, []uint32{enable, ^uint32(3), 0xFFFF}, message, []uint32{0x09, 0, 0}, ErrNoMSI},
		{"beyond the end", 0xF8, []uint32{0x05, 0}, []uint32{enable, ^uint32(3)}, message, []uint32{0x05, 0}, ErrNoMSI},
		{"64 bits beyond the end", 0xF4, []uint32{0x05 | 1<<23, 0, 0}, []uint32{enable, ^uint32(3), ^uint32(0)}, message, []uint32{0x05 | 1<<23, 0, 0}, ErrNoMSI},
	} {
		m := withCapability(tt.off, tt.words, tt.writable)
		f := open(t, m)
		if err := f.EnableMSI(tt.address, 0x20); !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.err)
		}
		for i, want := range tt.want {
			if got := m.reg[tt.off/4+i]; got != want {
				t.Errorf("%s: word %d is %#x, want %#x", tt.name, i, got, want)
			}
		}
	}
}

// table is the registers behind a base address register.
type table struct {
	reg.Space
	words map[uint32]uint32
}

func (s *table) Write32(off, v uint32) { s.words[off] = v }

func TestEnableMSIX(t *testing.T) {
	const on, masked = 1 << 31, 1 << 30
	for _, tt := range []struct {
		name  string
		first uint32 // word of the capability
		place uint32 // offset and BAR of the table
		err   error
	}{
		{"three entries behind BAR 1", 0x11 | 2<<16, 0x800 | 1, nil},
		{"masked as a whole by firmware", 0x11 | 2<<16 | masked, 0x800 | 1, nil},
		{"the table's end is the window's", 0x11 | 2<<16, 0xFD0 | 1, nil},
		{"a table beyond the window", 0x11 | 2<<16, 0xFD8 | 1, ErrNoMSI},
		{"a table far beyond it", 0x11 | 2047<<16, 0xFFFFFFF8 | 1, ErrNoMSI},
		{"behind a BAR that there is not", 0x11 | 2<<16, 0x800 | 2, ErrNoMSI},
		{"behind a BAR that cannot be", 0x11 | 2<<16, 0x800 | 7, ErrNoMSI},
		{"behind ports", 0x11 | 2<<16, 0, ErrNoMSI},
		{"none", 0x05, 0x800 | 1, ErrNoMSI},
	} {
		m := withCapability(0x40, []uint32{tt.first, tt.place, 0}, []uint32{on | masked, 0, 0}, 0xFFFFFFC0, 0xFFFFF000)
		m.reg[4] = 0xC001 // ports
		m.reg[5] = 0xFEB00000
		f := open(t, m)
		window := &table{words: map[uint32]uint32{}}
		err := f.EnableMSIX(func(i int) (reg.Space, error) { return window, nil }, message|3<<32, 0x20)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.err)
		}
		if err != nil {
			if len(window.words) != 0 || m.reg[0x40/4] != tt.first {
				t.Errorf("%s: the table or the capability was written", tt.name)
			}
			continue
		}
		if got := m.reg[0x40/4]; got != 0x11|2<<16|on {
			t.Errorf("%s: the capability is %#x", tt.name, got)
		}
		base := tt.place &^ 7
		for off, want := range map[uint32]uint32{0: message, 4: 3, 8: 0x20, 12: 0, 28: 1, 44: 1} {
			if got, ok := window.words[base+off]; !ok || got != want {
				t.Errorf("%s: the table at %d is %#x (written: %v), want %#x", tt.name, off, got, ok, want)
			}
		}
		if len(window.words) != 6 {
			t.Errorf("%s: %d words of the table written, want 6", tt.name, len(window.words))
		}
	}
}

func TestInterruptPin(t *testing.T) {
	m := nic()
	m.writable[1] = 0x0407
	f := open(t, m)
	if f.HasINTx() {
		t.Error("a function without a pin has one")
	}
	m.reg[0x3C/4] = 2<<8 | 11
	if !f.HasINTx() || f.InterruptLine() != 11 {
		t.Errorf("pin: %v, line %d", f.HasINTx(), f.InterruptLine())
	}
	f.DisableINTx()
	f.EnableINTx()
	if m.reg[1] != 0x00100003 {
		t.Errorf("command and status %#x", m.reg[1])
	}
	m.reg[0x3C/4] = 9<<8 | 11
	if f.HasINTx() {
		t.Error("pin 9")
	}
}
