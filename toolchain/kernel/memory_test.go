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
		fits := m.Fits(tt.size)
		got := m.Reserve(tt.hint, tt.size, 1)
		if got != tt.want {
			t.Errorf("Reserve(%#x, %#x) = %#x, want %#x", tt.hint, tt.size, got, tt.want)
		}
		if tt.hint == 0 && tt.size != 0 && fits != (got != 0) {
			t.Errorf("Fits(%#x) = %v before Reserve gave %#x", tt.size, fits, got)
		}
	}
}

func TestReserveRefusesWhatOverflows(t *testing.T) {
	var m Memory
	m.Release(0x1000, 0x1000)
	for _, tt := range [][2]uintptr{{0x1000, ^uintptr(0)}, {0x1800, ^uintptr(0) - 0x1000}, {^uintptr(0), 1}, {0x1fff, 2}} {
		if got := m.Reserve(tt[0], tt[1], 1); got != 0 {
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
	if got := m.Reserve(0, 0x3000, 1); got != 0x1000 {
		t.Errorf("three neighbours joined give %#x, want 0x1000", got)
	}
}

func TestReserveAligned(t *testing.T) {
	var m Memory
	m.Release(0x1000, 0x7000)
	m.Release(^uintptr(0)-0xfff, 0xfff)
	for _, tt := range []struct{ size, align, want uintptr }{
		{0x1000, 0x4000, 0x4000},
		{0x1000, 0x4000, 0}, // 0x8000 is not free
		{0x1000, 0x2000, 0x2000},
		{0x2000, 0x1000, 0x5000},
		{0x1000, 1 << 40, 0},
	} {
		if got := m.Reserve(0, tt.size, tt.align); got != tt.want {
			t.Errorf("Reserve(0, %#x, %#x) = %#x, want %#x", tt.size, tt.align, got, tt.want)
		}
	}
	if got, want := m.Free(), uintptr(0x3000+0xfff); got != want {
		t.Errorf("%#x bytes free, want %#x", got, want)
	}
}

func TestReleaseOfTooManyRangesIsRefused(t *testing.T) {
	var m Memory
	for i := range uintptr(maxRanges) {
		if !m.Release(0x1000+i*0x2000, 0x1000) {
			t.Fatalf("range %d is refused", i)
		}
	}
	if end := uintptr(0x1000 + maxRanges*0x2000); m.Release(end, 0x1000) || m.Free() != maxRanges*0x1000 {
		t.Errorf("one range more than %d is taken: %#x bytes free", maxRanges, m.Free())
	}
	if m.Reserve(0, 0x2000, 1) != 0 {
		t.Error("memory that was refused is handed out")
	}
	if !m.Release(0x2000, 0x1000) || m.Free() != (maxRanges+1)*0x1000 {
		t.Error("what joins two ranges is refused")
	}
}

// TestReleaseOfWhatIsFree: a program may unmap what it does not have.
func TestReleaseOfWhatIsFree(t *testing.T) {
	for _, tt := range []struct{ start, size, want uintptr }{
		{0x2000, 0x1000, 0x6000},          // free already
		{0x1000, 0x2000, 0x7000},          // half of it
		{0x1000, 0x5000, 0x9000},          // all of one range, up to the next
		{0x1000, 0x4000, 0x7000 + 0x1000}, // not up to it
		{0x1000, 0x9000, 0x9000},          // up to the end of the last
		{0, 0x20000, 0x20000},
		{0x5000, 0, 0x6000},
	} {
		var m Memory
		m.Release(0x2000, 0x2000)
		m.Release(0x6000, 0x4000)
		if m.Release(tt.start, tt.size); m.Free() != tt.want {
			t.Errorf("Release(%#x, %#x): %#x bytes free, want %#x", tt.start, tt.size, m.Free(), tt.want)
		}
	}
}

func TestClaim(t *testing.T) {
	for _, tt := range []struct{ start, size, free uintptr }{
		{0x1000, 0x1000, 0x6000},  // nothing of it is free
		{0x2000, 0x2000, 0x4000},  // a whole range
		{0x1000, 0x9000, 0},       // both
		{0x3000, 0x4000, 0x4000},  // the end of one, the start of the other
		{0x7000, 0x1000, 0x5000},  // out of the middle
		{0x9000, 0x10000, 0x5000}, // beyond the end
		{0x3000, 0, 0x6000},
	} {
		var m Memory
		m.Release(0x2000, 0x2000)
		m.Release(0x6000, 0x4000)
		if !m.Claim(tt.start, tt.size) || m.Free() != tt.free {
			t.Errorf("Claim(%#x, %#x): %#x bytes free, want %#x", tt.start, tt.size, m.Free(), tt.free)
		}
		if tt.size != 0 && m.Reserve(tt.start, 1, 1) != 0 {
			t.Errorf("%#x is handed out though it was claimed", tt.start)
		}
	}
	var m Memory
	for i := range uintptr(maxRanges) {
		m.Release(0x10000+i*0x10000, 0x3000)
	}
	if m.Claim(0x11000, 0x1000) {
		t.Errorf("one range more than %d", maxRanges)
	}
}

// TestGrowAndShrink is a program that grows, frees, and grows in other sizes: what
// it gave back must do for it.
func TestGrowAndShrink(t *testing.T) {
	const total = 1 << 30
	var m Memory
	m.Release(1<<20, total)
	for size := uintptr(4 << 10); size <= total; size *= 2 {
		var blocks []uintptr
		for len(blocks) < 2000 {
			p := m.Reserve(0, size, 1)
			if p == 0 {
				break
			}
			blocks = append(blocks, p)
		}
		if want := min(total/size, 2000); uintptr(len(blocks)) != want {
			t.Fatalf("%d blocks of %#x, want %d", len(blocks), size, want)
		}
		// every other one first: the worst order that there is room for
		for _, odd := range []int{0, 1} {
			for i, p := range blocks {
				if i%2 == odd && !m.Release(p, size) {
					t.Fatalf("block %d of %#x is refused", i, size)
				}
			}
		}
		if m.Free() != total {
			t.Fatalf("%#x bytes free after blocks of %#x, want %#x", m.Free(), size, total)
		}
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
		align := uintptr(1) << r.IntN(15)
		start := m.Reserve(hint, size, align)
		if start == 0 {
			continue
		}
		if hint != 0 && start != hint {
			t.Fatalf("asked for %#x, got %#x", hint, start)
		}
		if hint == 0 && start%align != 0 {
			t.Fatalf("asked for a multiple of %#x, got %#x", align, start)
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
