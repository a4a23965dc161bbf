package pci

import (
	"testing"

	"gasp/drivers/reg"
)

// window is configuration space in memory that remembers what is written.
type window struct {
	reg.Space
	words map[uint32]uint32
}

func (w *window) Read32(off uint32) uint32 {
	if v, ok := w.words[off]; ok {
		return v
	}
	return ^uint32(0)
}

func (w *window) Write32(off, v uint32) { w.words[off] = v }

func TestECAM(t *testing.T) {
	w := &window{words: map[uint32]uint32{}}
	e := &ECAM{Regs: w, First: 0x40, Last: 0x4F}
	for _, tt := range []struct {
		bus, dev, fn uint8
		off          uint16
		want         uint32 // offset in the window
		ok           bool
	}{
		{0x40, 0, 0, 0, 0, true},
		{0x40, 0, 0, 0xFFE, 0xFFC, true},
		{0x40, 0, 1, 4, 0x1004, true},
		{0x40, 1, 0, 4, 0x8004, true},
		{0x41, 0, 0, 4, 0x100004, true},
		{0x4F, 31, 7, 0xFFC, 0xFFFFFC, true},
		{0x3F, 0, 0, 0, 0, false},
		{0x50, 0, 0, 0, 0, false},
		{0x40, 32, 0, 0, 0, false},
		{0x40, 0, 8, 0, 0, false},
		{0x40, 0, 0, 0x1000, 0, false},
	} {
		clear(w.words)
		e.Write32(tt.bus, tt.dev, tt.fn, tt.off, 5)
		if _, ok := w.words[tt.want]; ok != tt.ok || len(w.words) > 1 {
			t.Errorf("%x:%x.%x, %#x: written to %v, want %v at %#x", tt.bus, tt.dev, tt.fn, tt.off, w.words, tt.ok, tt.want)
		}
		if v := e.Read32(tt.bus, tt.dev, tt.fn, tt.off); (v == 5) != tt.ok || !tt.ok && v != ^uint32(0) {
			t.Errorf("%x:%x.%x, %#x: read %#x", tt.bus, tt.dev, tt.fn, tt.off, v)
		}
	}
}

func TestSegment(t *testing.T) {
	low, high := &window{words: map[uint32]uint32{}}, &window{words: map[uint32]uint32{}}
	s := Segment{{Regs: low, First: 0, Last: 0x0F}, {Regs: high, First: 0x80, Last: 0xFF}}
	for bus, want := range map[uint8]*window{0: low, 0x0F: low, 0x10: nil, 0x7F: nil, 0x80: high, 0xFF: high} {
		clear(low.words)
		clear(high.words)
		s.Write32(bus, 2, 0, 0, 0x10D38086)
		s.Write32(bus, 2, 0, 4, 0)
		if len(low.words)+len(high.words) > 0 != (want != nil) || want != nil && len(want.words) != 2 {
			t.Errorf("bus %#x is not where it should be", bus)
		}
		if got := s.Read32(bus, 2, 0, 0) == 0x10D38086; got != (want != nil) {
			t.Errorf("bus %#x: read back %v", bus, got)
		}
	}
}
