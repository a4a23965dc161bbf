// Package kernel holds the parts of the kernel under the runtime that need
// nothing of the runtime, so that they are tested on the host. The overlay puts
// it into GOROOT as internal/runtime/kernel.
package kernel

const maxRanges = 256

type addressRange struct{ start, size uintptr }

// Memory is the free part of an address space: up to 256 ranges, sorted, never
// touching each other. The zero value has no free memory.
type Memory struct {
	free [maxRanges]addressRange
	n    int
	lost uintptr
}

// Reserve takes size bytes out of the free memory: at hint, or if hint is 0 at
// the lowest place that fits. It returns 0 if there is no such place.
func (m *Memory) Reserve(hint, size uintptr) uintptr {
	if size == 0 {
		return 0
	}
	for i := 0; i < m.n; i++ {
		r := m.free[i]
		p := r.start
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
			m.remove(i)
		}
		return p
	}
	return 0
}

// Release gives size bytes at start back. Where they would make one range too
// many they are lost and counted.
func (m *Memory) Release(start, size uintptr) {
	if size == 0 || start+size < start {
		return
	}
	i := 0
	for i < m.n && m.free[i].start < start {
		i++
	}
	joinsBefore := i > 0 && m.free[i-1].start+m.free[i-1].size == start
	joinsAfter := i < m.n && start+size == m.free[i].start
	switch {
	case joinsBefore && joinsAfter:
		m.free[i-1].size += size + m.free[i].size
		m.remove(i)
	case joinsBefore:
		m.free[i-1].size += size
	case joinsAfter:
		m.free[i].start = start
		m.free[i].size += size
	case m.n == maxRanges:
		m.lost += size
	default:
		m.insert(i, addressRange{start, size})
	}
}

// Free returns the number of free bytes, Lost how many Release could not keep.
func (m *Memory) Free() (n uintptr) {
	for _, r := range m.free[:m.n] {
		n += r.size
	}
	return n
}

func (m *Memory) Lost() uintptr { return m.lost }

func (m *Memory) insert(i int, r addressRange) {
	copy(m.free[i+1:m.n+1], m.free[i:m.n])
	m.free[i] = r
	m.n++
}

func (m *Memory) remove(i int) {
	copy(m.free[i:], m.free[i+1:m.n])
	m.n--
}
