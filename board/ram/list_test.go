package ram

import (
	"math/rand/v2"
	"slices"
	"testing"
)

const (
	kib = 1 << 10
	gib = 1 << 30
	top = ^uint64(0)
)

func list(ranges ...Range) *List {
	l := &List{}
	for _, r := range ranges {
		l.Add(r.Start, r.Size())
	}
	return l
}

func TestAddAndRemove(t *testing.T) {
	type change struct {
		remove      bool
		start, size uint64
	}
	for _, tt := range []struct {
		name    string
		changes []change
		want    []Range
	}{
		{"nothing", nil, nil},
		{"out of order", []change{{false, 4 * gib, gib}, {false, gib, gib}}, []Range{{gib, 2 * gib}, {4 * gib, 5 * gib}}},
		{"neighbours become one", []change{{false, gib, gib}, {false, 3 * gib, gib}, {false, 2 * gib, gib}}, []Range{{gib, 4 * gib}}},
		{"overlapping", []change{{false, gib, 2 * gib}, {false, 2 * gib, 2 * gib}}, []Range{{gib, 4 * gib}}},
		{"one within another", []change{{false, gib, 4 * gib}, {false, 2 * gib, gib}}, []Range{{gib, 5 * gib}}},
		{"the same twice", []change{{false, gib, gib}, {false, gib, gib}}, []Range{{gib, 2 * gib}}},
		{"empty", []change{{false, gib, 0}, {true, gib, 0}}, nil},
		{"parts of pages are left out", []change{{false, 0x1001, 0x2ffe}}, []Range{{0x2000, 0x3000}}},
		{"less than a page", []change{{false, 0x1001, 0x1ffe}}, nil},
		{"beyond the end of the address space", []change{{false, gib, top}, {false, top, top}, {false, top - 10, 5}}, nil},
		{"up to its end", []change{{false, 0, top}}, []Range{{0, top &^ 0xfff}}},
		{"a hole", []change{{false, gib, 3 * gib}, {true, 2 * gib, gib}}, []Range{{gib, 2 * gib}, {3 * gib, 4 * gib}}},
		{"a hole in part of a page", []change{{false, gib, gib}, {true, gib + 0x1fff, 2}}, []Range{{gib, gib + 0x1000}, {gib + 0x3000, 2 * gib}}},
		{"the start and the end cut off", []change{{false, gib, 3 * gib}, {true, 0, 2 * gib}, {true, 3 * gib, 9 * gib}}, []Range{{2 * gib, 3 * gib}}},
		{"over several", []change{{false, gib, gib}, {false, 3 * gib, gib}, {true, 0x1000, 8 * gib}}, nil},
		{"what is removed beyond the end", []change{{false, gib, gib}, {true, gib + 0x1000, top}}, []Range{{gib, gib + 0x1000}}},
		{"all", []change{{false, 0, top}, {true, 0, top}}, nil},
	} {
		l := &List{}
		for _, c := range tt.changes {
			if c.remove {
				l.Remove(c.start, c.size)
			} else {
				l.Add(c.start, c.size)
			}
		}
		if !slices.Equal(l.Ranges(), tt.want) {
			t.Errorf("%s: %#x, want %#x", tt.name, l.Ranges(), tt.want)
		}
	}
}

func TestTooManyRangesLoseMemoryAndAddNone(t *testing.T) {
	l := &List{}
	for i := range uint64(2 * Max) {
		l.Add(2*i*PageSize, PageSize)
	}
	if l.n != Max || l.Total() != Max*PageSize || !l.Has(0, PageSize) {
		t.Errorf("%d ranges of %#x bytes, want the lowest %d", l.n, l.Total(), Max)
	}
	l.Add(gib, gib)
	l.Add(3*gib, gib)
	if l.n != Max || !l.Has(gib, 2*gib) || !l.Has(3*gib, 4*gib) || l.Total() != (Max-2)*PageSize+2*gib {
		t.Errorf("%d ranges of %#x bytes, want the two large ones in place of two small ones", l.n, l.Total())
	}
	l.Remove(gib, 3*gib)
	l.Add(0, 4*Max*PageSize) // joins them
	if l.n != 1 {
		t.Fatalf("%d ranges, want one", l.n)
	}
	for i := range uint64(2 * Max) {
		l.Remove(2*i*PageSize, PageSize)
		if l.Has(2*i*PageSize, (2*i+1)*PageSize) {
			t.Fatalf("page %d is still there", 2*i)
		}
	}
	if l.n > Max {
		t.Errorf("%d ranges, want at most %d", l.n, Max)
	}
}

func TestAlign(t *testing.T) {
	const block = 2 << 20
	l := list(Range{0x1000, 3 * 0x1000}, Range{4*gib - 0x1000, 4*gib + 5*block + 0x1000}, Range{6*gib + 0x1000, 6*gib + block}, Range{8*gib - 0x1000, 8*gib + block})
	l.Align(4*gib, block)
	want := []Range{{0x1000, 3 * 0x1000}, {4*gib - 0x1000, 4*gib + 5*block}, {8 * gib, 8*gib + block}}
	if !slices.Equal(l.Ranges(), want) {
		t.Errorf("%#x, want %#x", l.Ranges(), want)
	}
	if got := l.Largest(); got != 5*block+0x1000 {
		t.Errorf("the largest range has %#x bytes", got)
	}
	l = list(Range{0, top})
	l.Align(4*gib, block)
	if got, want := l.Ranges(), []Range{{0, top &^ (block - 1)}}; !slices.Equal(got, want) {
		t.Errorf("%#x, want %#x", got, want)
	}
}

func TestTake(t *testing.T) {
	for _, tt := range []struct {
		name        string
		size, below uint64
		want        uint64
	}{
		{"from the end of the highest range below", 64 * kib, 4 * gib, 3*gib - 64*kib},
		{"from the middle of a range", 64 * kib, 6 * gib, 6*gib - 64*kib},
		{"a limit that is in no page", 64 * kib, 6*gib + 1, 6*gib - 64*kib},
		{"only where it fits", 3 * gib / 2, 4 * gib, 0},
		{"a whole range", gib, 4 * gib, 2 * gib},
		{"below everything", 64 * kib, gib / 2, 0},
		{"more than there is", top, top, 0},
	} {
		l := list(Range{gib, gib + 0x8000}, Range{2 * gib, 3 * gib}, Range{4 * gib, 8 * gib})
		before := l.Total()
		got := l.Take(tt.size, tt.below)
		if got != tt.want {
			t.Errorf("%s: %#x, want %#x", tt.name, got, tt.want)
		}
		if got != 0 && (l.Total() != before-tt.size || l.Has(got, got+PageSize)) {
			t.Errorf("%s: %#x bytes are left of %#x", tt.name, l.Total(), before)
		}
	}
}

func TestTakeInside(t *testing.T) {
	const mib = 1 << 20
	for _, tt := range []struct {
		name        string
		size, below uint64
		want        uint64
	}{
		{"a quarter into the largest", 64 * kib, top, 5 * gib},
		{"into what is below a limit", 64 * kib, 4*gib + 8*mib, 2*gib + 256*mib},
		{"cut by the limit, aligned", 64 * kib, 7*gib + 4*mib, 4*gib + 3*gib/4 + 2*mib},
		{"a limit below all", 64 * kib, mib, 0},
		{"what does not fit", 4 * gib, top, 0},
	} {
		l := list(Range{gib, gib + 0x8000}, Range{2 * gib, 3 * gib}, Range{4 * gib, 8 * gib})
		before := l.Total()
		got := l.TakeInside(tt.size, 2*mib, tt.below)
		if got != tt.want {
			t.Errorf("%s: %#x, want %#x", tt.name, got, tt.want)
		}
		if got != 0 && (l.Total() != before-tt.size || l.Has(got, got+PageSize)) {
			t.Errorf("%s: %#x bytes are left of %#x", tt.name, l.Total(), before)
		}
	}
	small := list(Range{0x1000, 0x9000})
	if got := small.TakeInside(PageSize, 2*mib, top); got != 0 || small.Total() != 0x8000 {
		t.Errorf("%#x of a range without a multiple", got)
	}
}

// TestAgainstPages plays random changes against a plain array of pages.
func TestAgainstPages(t *testing.T) {
	const pages = 120
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		l := &List{}
		var want [pages]bool
		for range 60 {
			start, size := r.Uint64N(pages*PageSize), r.Uint64N(PageSize<<r.IntN(6))
			size = min(size, pages*PageSize-start)
			if r.IntN(2) == 0 {
				l.Add(start, size)
				for i := (start + PageSize - 1) / PageSize; (i+1)*PageSize <= start+size; i++ {
					want[i] = true
				}
			} else {
				l.Remove(start, size)
				for i := start / PageSize; size > 0 && i*PageSize < start+size; i++ {
					want[i] = false
				}
			}
			last := uint64(0)
			for i, r := range l.Ranges() {
				if r.Start >= r.End || i > 0 && r.Start <= last {
					t.Fatalf("seed %d: %#x is not in order", seed, l.Ranges())
				}
				last = r.End
			}
			for i, w := range want {
				if a := uint64(i) * PageSize; l.Has(a, a+PageSize) != w {
					t.Fatalf("seed %d: page %d is in the list: %v, want %v", seed, i, !w, w)
				}
			}
		}
	}
}
