package kernel

const maxParts = 64

// Parts is what there is of an address space: up to 64 pieces. The zero value has
// none.
type Parts struct {
	part [maxParts]addressRange
	n    int
}

// Add puts size bytes at start in. It reports false if there are too many parts,
// or if this is none.
func (p *Parts) Add(start, size uintptr) bool {
	if p.n == maxParts || size == 0 || start+size < start {
		return false
	}
	p.part[p.n] = addressRange{start, size}
	p.n++
	return true
}

// From returns how many bytes there are from a on, up to the end of its part; 0 if
// it is in none.
func (p *Parts) From(a uintptr) uintptr {
	for i := range p.part[:p.n] {
		r := &p.part[i]
		if d := a - r.start; d < r.size {
			return r.size - d
		}
	}
	return 0
}

// Has tells whether size bytes at a, at least one, are in one part.
func (p *Parts) Has(a, size uintptr) bool { return size != 0 && size <= p.From(a) }

// Size is how many bytes all parts have together.
func (p *Parts) Size() (n uintptr) {
	for _, r := range p.part[:p.n] {
		n += r.size
	}
	return n
}
