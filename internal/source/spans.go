package source

import "slices"

// Span is the numbers from First to Last, both included.
type Span struct{ First, Last uint64 }

// spans is a set of numbers as its runs, in order and apart from each other.
type spans struct {
	runs []Span
	max  int // runs at most
}

// add puts s into the set. It returns false if that would take one run too many.
func (p *spans) add(s Span) bool {
	// The runs from i to j overlap or touch s.
	i, _ := slices.BinarySearchFunc(p.runs, s.First, func(r Span, first uint64) int {
		if r.Last+1 < first && r.Last+1 != 0 {
			return -1
		}
		return 1
	})
	j := i
	for j < len(p.runs) && (s.Last == ^uint64(0) || p.runs[j].First <= s.Last+1) {
		s.First, s.Last = min(s.First, p.runs[j].First), max(s.Last, p.runs[j].Last)
		j++
	}
	if i == j && len(p.runs) >= p.max {
		return false
	}
	p.runs = slices.Replace(p.runs, i, j, s)
	return true
}

// has says whether a number is in the set.
func (p *spans) has(n uint64) bool {
	_, found := slices.BinarySearchFunc(p.runs, n, func(r Span, n uint64) int {
		switch {
		case r.Last < n:
			return -1
		case r.First > n:
			return 1
		}
		return 0
	})
	return found
}

// holes returns the runs of numbers of s that are not in the set.
func (p *spans) holes(s Span) (holes []Span) {
	next := s.First
	for _, r := range p.runs {
		if r.Last < next {
			continue
		}
		if r.First > s.Last {
			break
		}
		if r.First > next {
			holes = append(holes, Span{next, r.First - 1})
		}
		if r.Last >= s.Last {
			return holes
		}
		next = r.Last + 1
	}
	return append(holes, Span{next, s.Last})
}
