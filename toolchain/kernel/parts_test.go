package kernel

import "testing"

func TestParts(t *testing.T) {
	const top = ^uintptr(0)
	var p Parts
	for _, tt := range []struct {
		start, size uintptr
		want        bool
	}{
		{0x1000, 0x2000, true}, {1 << 32, 1 << 33, true}, {top - 0xfff, 0xfff, true},
		{0x5000, 0, false}, {0x5000, top, false}, {top, 2, false},
	} {
		if got := p.Add(tt.start, tt.size); got != tt.want {
			t.Errorf("Add(%#x, %#x) = %v", tt.start, tt.size, got)
		}
	}
	for _, tt := range []struct{ a, from uintptr }{
		{0, 0}, {0xfff, 0}, {0x1000, 0x2000}, {0x2fff, 1}, {0x3000, 0}, {1<<32 - 1, 0}, {1 << 32, 1 << 33}, {3<<32 - 8, 8}, {3 << 32, 0},
		{top - 0x1000, 0}, {top - 1, 1}, {top, 0},
	} {
		if got := p.From(tt.a); got != tt.from {
			t.Errorf("From(%#x) = %#x, want %#x", tt.a, got, tt.from)
		}
		for size, want := range map[uintptr]bool{0: false, 1: tt.from >= 1, tt.from: tt.from > 0, tt.from + 1: false, top: false} {
			if got := p.Has(tt.a, size); got != want {
				t.Errorf("Has(%#x, %#x) = %v", tt.a, size, got)
			}
		}
	}
	p = Parts{}
	for i := range uintptr(maxParts) {
		p.Add((i+1)*0x2000, 0x1000)
	}
	if p.Size() != maxParts*0x1000 {
		t.Errorf("%d parts have %#x bytes", maxParts, p.Size())
	}
	if p.Add(1<<40, 0x1000) || p.From(1<<40) != 0 || p.From(0x2000*maxParts) != 0x1000 {
		t.Errorf("one part more than %d is taken, or the last one is lost", maxParts)
	}
}
