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

// remove takes s out of the set, and returns how many numbers that were. Where it would make one run
// too many, the last numbers behind s go too.
func (p *spans) remove(s Span) (count uint64) {
	for i := 0; i < len(p.runs); {
		r := p.runs[i]
		first, last := max(r.First, s.First), min(r.Last, s.Last)
		if first > last {
			i++
			continue
		}
		count += last - first + 1
		var left [2]Span
		n := 0
		if r.First < first {
			left[n] = Span{r.First, first - 1}
			n++
		}
		if r.Last > last && (n == 0 || len(p.runs) < p.max) {
			left[n] = Span{last + 1, r.Last}
			n++
		}
		p.runs = slices.Replace(p.runs, i, i+1, left[:n]...)
		i += n
	}
	return count
}

// push puts s into the set; if that would be one run too many, the first run makes way.
func (p *spans) push(s Span) {
	if !p.add(s) {
		p.runs = slices.Delete(p.runs, 0, 1)
		p.add(s)
	}
}

// within returns the runs of numbers of s that are in the set.
func (p *spans) within(s Span) (list []Span) {
	for _, r := range p.runs {
		if first, last := max(r.First, s.First), min(r.Last, s.Last); first <= last {
			list = append(list, Span{first, last})
		}
	}
	return list
}
