// Package ram keeps lists of physical memory. What goes in may come from a loader
// that is wrong: ranges may overlap, be empty, or end beyond the address space.
package ram

// PageSize is what ranges are cut to, in bytes.
const PageSize = 4096

// Max is how many ranges a List holds.
const Max = 64

// A Range is memory from Start up to End.
type Range struct{ Start, End uint64 }

// Size is in bytes.
func (r Range) Size() uint64 { return r.End - r.Start }

// A List is a set of pages: ranges in order that do not touch. Where it would
// need more than Max, the smallest ones are left out. The zero value is empty.
type List struct {
	ranges [Max]Range
	n      int
}

// Ranges are the ranges of l, valid until it changes.
func (l *List) Ranges() []Range { return l.ranges[:l.n] }

// Total is how many bytes l has.
func (l *List) Total() (n uint64) {
	for _, r := range l.Ranges() {
		n += r.Size()
	}
	return n
}

// Largest is how many bytes the largest range has.
func (l *List) Largest() (n uint64) {
	for _, r := range l.Ranges() {
		n = max(n, r.Size())
	}
	return n
}

// Has tells whether all of [start, end) is in l.
func (l *List) Has(start, end uint64) bool {
	for _, r := range l.Ranges() {
		if start >= r.Start && end <= r.End {
			return start < end
		}
	}
	return false
}

// Add puts in the whole pages of size bytes at start. A range that ends beyond
// the address space is none.
func (l *List) Add(start, size uint64) {
	end := start + size
	add := Range{(start + PageSize - 1) &^ (PageSize - 1), end &^ (PageSize - 1)}
	if end < start || add.Start < start || add.Start >= add.End {
		return
	}
	var out List
	placed := false
	for _, r := range l.Ranges() {
		switch {
		case r.End < add.Start:
			out.push(r)
		case r.Start > add.End:
			if !placed {
				out.push(add)
				placed = true
			}
			out.push(r)
		default:
			add.Start, add.End = min(add.Start, r.Start), max(add.End, r.End)
		}
	}
	if !placed {
		out.push(add)
	}
	*l = out
}

// Remove takes out the pages that size bytes at start touch.
func (l *List) Remove(start, size uint64) {
	if size == 0 {
		return
	}
	end := start + size - 1
	if end < start {
		end = ^uint64(0)
	}
	first, last := start&^(PageSize-1), end|(PageSize-1)
	var out List
	for _, r := range l.Ranges() {
		out.push(Range{r.Start, min(r.End, first)})
		if last < r.End {
			out.push(Range{max(r.Start, last+1), r.End})
		}
	}
	*l = out
}

// Align cuts what l has from an address on to whole blocks of a size, a power of
// two of which from is a multiple.
func (l *List) Align(from, block uint64) {
	var out List
	for _, r := range l.Ranges() {
		out.push(Range{r.Start, min(r.End, from)})
		if start := max(r.Start, from); start <= ^uint64(0)-block {
			out.push(Range{(start + block - 1) &^ (block - 1), r.End &^ (block - 1)})
		}
	}
	*l = out
}

// Take takes out size bytes, whole pages, from the end of the highest range that
// has them below an address, and returns where they are; 0 if there is none.
func (l *List) Take(size, below uint64) (start uint64) {
	for i := l.n - 1; i >= 0; i-- {
		r := l.ranges[i]
		end := min(r.End, below&^(PageSize-1))
		if end > r.Start && end-r.Start >= size {
			start = (end - size) &^ (PageSize - 1)
			if start < r.Start {
				continue
			}
			l.Remove(start, size)
			return start
		}
	}
	return 0
}

// TakeInside takes out size bytes at a multiple of align, a power of two of at least PageSize, a quarter into the largest range below an address, and
// returns where they are; 0 if there is no room.
func (l *List) TakeInside(size, align, below uint64) (start uint64) {
	best := Range{}
	for _, r := range l.Ranges() {
		r.End = min(r.End, below)
		if r.Start < r.End && r.Size() > best.Size() {
			best = r
		}
	}
	start = (best.Start + best.Size()/4 + align - 1) &^ (align - 1)
	if start < best.Start || start >= best.End || best.End-start < size {
		return 0
	}
	l.Remove(start, size)
	return start
}

// push appends r, which lies above all others; joined to the last one if it
// touches that.
func (l *List) push(r Range) {
	switch {
	case r.Start >= r.End:
	case l.n > 0 && l.ranges[l.n-1].End == r.Start:
		l.ranges[l.n-1].End = r.End
	case l.n < Max:
		l.ranges[l.n] = r
		l.n++
	default:
		if i := l.smallest(); l.ranges[i].Size() < r.Size() {
			copy(l.ranges[i:], l.ranges[i+1:])
			l.ranges[Max-1] = r
		}
	}
}

// smallest is the index of the smallest range, of equal ones the highest.
func (l *List) smallest() (best int) {
	for i, r := range l.Ranges() {
		if r.Size() <= l.ranges[best].Size() {
			best = i
		}
	}
	return best
}
