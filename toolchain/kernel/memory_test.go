package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestReserveTakesTheLowestPlaceThatFits(t *testing.T) {
	var m Memory
	m.Release(0x1000, 0x1000)
	m.Release(0x8000, 0x4000)
	for _, tt := range []struct{ hint, size, want uintptr }{
		{0, 0x2000, 0x8000},      // the first range is too small
		{0, 0x1000, 0x1000},      // fits it exactly
		{0xb000, 0x1000, 0xb000}, // a hint in the middle
		{0xb000, 0x1000, 0},      // taken
		{0, 0x1000, 0xa000},
		{0, 0x1000, 0},
		{0, 0, 0},
	} {
		if got := m.Reserve(tt.hint, tt.size); got != tt.want {
			t.Errorf("Reserve(%#x, %#x) = %#x, want %#x", tt.hint, tt.size, got, tt.want)
		}
	}
}

func TestReserveRefusesWhatOverflows(t *testing.T) {
	var m Memory
	m.Release(0x1000, 0x1000)
	for _, tt := range [][2]uintptr{{0x1000, ^uintptr(0)}, {0x1800, ^uintptr(0) - 0x1000}, {^uintptr(0), 1}, {0x1fff, 2}} {
		if got := m.Reserve(tt[0], tt[1]); got != 0 {
			t.Errorf("Reserve(%#x, %#x) = %#x out of 4 KiB at 0x1000", tt[0], tt[1], got)
		}
	}
	m.Release(^uintptr(0)-0xfff, 0x2000) // wraps around: not memory
	if got := m.Free(); got != 0x1000 {
		t.Errorf("%#x bytes free, want 0x1000", got)
	}
}

func TestReleaseJoinsNeighbours(t *testing.T) {
	var m Memory
	for _, start := range []uintptr{0x3000, 0x1000, 0x2000} {
		m.Release(start, 0x1000)
	}
	if got := m.Reserve(0, 0x3000); got != 0x1000 {
		t.Errorf("three neighbours joined give %#x, want 0x1000", got)
	}
}

func TestReleaseOfTooManyRangesIsCounted(t *testing.T) {
	var m Memory
	for i := range uintptr(maxRanges + 3) {
		m.Release(0x1000+i*0x2000, 0x1000)
	}
	if m.Lost() != 3*0x1000 || m.Free() != maxRanges*0x1000 {
		t.Errorf("%#x bytes lost and %#x free, want %#x and %#x", m.Lost(), m.Free(), 3*0x1000, maxRanges*0x1000)
	}
}

// TestNothingIsHandedOutTwice plays many pages against a map of who has them.
func TestNothingIsHandedOutTwice(t *testing.T) {
	const page, pages = uintptr(0x1000), 400
	r := rand.New(rand.NewPCG(3, 4))
	var m Memory
	m.Release(page, pages*page)
	var taken [pages + 1]bool
	type block struct{ start, size uintptr }
	var blocks []block
	for range 200_000 {
		if len(blocks) > 0 && r.IntN(2) == 0 {
			i := r.IntN(len(blocks))
			b := blocks[i]
			blocks[i] = blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			for p := b.start; p < b.start+b.size; p += page {
				taken[p/page] = false
			}
			m.Release(b.start, b.size)
			continue
		}
		size, hint := page*uintptr(1+r.IntN(5)), uintptr(0)
		if r.IntN(4) == 0 {
			hint = page * uintptr(1+r.IntN(pages))
		}
		start := m.Reserve(hint, size)
		if start == 0 {
			continue
		}
		if hint != 0 && start != hint {
			t.Fatalf("asked for %#x, got %#x", hint, start)
		}
		for p := start; p < start+size; p += page {
			if p/page > pages || taken[p/page] {
				t.Fatalf("page %#x is handed out though it is taken or not there", p)
			}
			taken[p/page] = true
		}
		blocks = append(blocks, block{start, size})
	}
	held := uintptr(0)
	for _, b := range blocks {
		held += b.size
	}
	if m.Free()+held != pages*page {
		t.Errorf("%#x bytes free and %#x held of %#x: some are gone", m.Free(), held, pages*page)
	}
}
