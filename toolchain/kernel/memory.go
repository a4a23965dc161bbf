// Package kernel holds the parts of the kernel under the runtime that need
// nothing of the runtime, so that they are tested on the host. The overlay puts
// it into GOROOT as internal/runtime/kernel.
package kernel

const maxRanges = 1024

type addressRange struct{ start, size uintptr }

// Memory is the free part of an address space: up to 1024 ranges, sorted, never
// touching each other. The zero value has no free memory.
type Memory struct {
	free [maxRanges]addressRange
	n    int
}

// Reserve takes size bytes out of the free memory: at hint, or if hint is 0 at
// the lowest place that fits and is a multiple of align, a power of two. It
// returns 0 if there is no such place.
func (m *Memory) Reserve(hint, size, align uintptr) uintptr {
	if size == 0 {
		return 0
	}
	for i := 0; i < m.n; i++ {
		r := m.free[i]
		p := (r.start + align - 1) &^ (align - 1)
		if hint != 0 {
			p = hint
		}
		if p < r.start || p-r.start > r.size || r.size-(p-r.start) < size {
			continue
		}
		before, after := p-r.start, r.size-(p-r.start)-size
		switch {
		case before != 0 && after != 0:
			if m.n == maxRanges {
				return 0
			}
			m.insert(i+1, addressRange{p + size, after})
			m.free[i].size = before
		case before != 0:
			m.free[i].size = before
		case after != 0:
			m.free[i] = addressRange{p + size, after}
		default:
			m.remove(i, 1)
		}
		return p
	}
	return 0
}

// Release gives size bytes at start back; what of them is free already stays so.
// It reports false, and changes nothing, if that would make one range too many.
func (m *Memory) Release(start, size uintptr) bool {
	end := start + size
	if size == 0 || end < start {
		return size == 0
	}
	i := 0
	for i < m.n && m.free[i].start+m.free[i].size < start {
		i++
	}
	n := 0 // ranges that it touches
	for ; i+n < m.n && m.free[i+n].start <= end; n++ {
		r := m.free[i+n]
		start, end = min(start, r.start), max(end, r.start+r.size)
	}
	switch {
	case n > 0:
		m.remove(i+1, n-1)
		m.free[i] = addressRange{start, end - start}
	case m.n == maxRanges:
		return false
	default:
		m.insert(i, addressRange{start, end - start})
	}
	return true
}

// Claim takes what is free of size bytes at start. It reports false if that would
// make one range too many; then some of it may still be free.
func (m *Memory) Claim(start, size uintptr) bool {
	end := start + size
	for i := 0; i < m.n; {
		r := m.free[i]
		lo, hi := max(r.start, start), min(r.start+r.size, end)
		switch {
		case lo >= hi:
			i++
		case m.Reserve(lo, hi-lo, 1) == 0:
			return false
		}
	}
	return true
}

// Fits tells whether Reserve would find size bytes, at any place.
func (m *Memory) Fits(size uintptr) bool {
	for _, r := range m.free[:m.n] {
		if r.size >= size {
			return true
		}
	}
	return false
}

// Free returns the number of free bytes.
func (m *Memory) Free() (n uintptr) {
	for _, r := range m.free[:m.n] {
		n += r.size
	}
	return n
}

func (m *Memory) insert(i int, r addressRange) {
	copy(m.free[i+1:m.n+1], m.free[i:m.n])
	m.free[i] = r
	m.n++
}

func (m *Memory) remove(i, n int) {
	copy(m.free[i:], m.free[i+n:m.n])
	m.n -= n
}
