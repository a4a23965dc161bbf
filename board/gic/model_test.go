package gic

// A model of a controller, as far as the package uses one: registers of a distributor, redistributors, and of the processor
// interfaces of version 2.

type model struct {
	version  int
	secure   bool // groups can be set: one security state
	fiqs     bool // version 3: FIQs come to firmware, which sees other masks than are written
	bits5    bool // a priority has five bits, and not four
	lines    uint32
	cpu      int // whose accesses these are
	shared   bank
	own      [4]bank
	cpus     [4]*processor
	ctlr     uint32
	routes   map[uint32]uint64
	targets  [1020]uint8
	asleep   [4]bool
	affinity [4]uint64
	looked   func() // happens once somebody has looked what is pending: version 2
	wide     bool   // redistributors of four frames
}

type bank struct {
	enabled, pending, active, group, edge [1020]bool
	priority                              [1020]uint8 // as firmware sees it
}

// precision is what bits a priority has.
func (m *model) precision() uint32 {
	if m.bits5 {
		return 0xF8
	}
	return 0xF0
}

// inner and outer turn a priority, or a mask, from what is written into what firmware sees, and back, where two security states make it differ
// (V2 3.8.1, V3 4.8.1).
func (m *model) inner(v uint32, differs bool) uint32 {
	if differs {
		v = v>>1 | 0x80
	}
	return v & m.precision()
}

func (m *model) outer(v uint32, differs bool) uint32 {
	if differs {
		v = v << 1 & 0xFF
	}
	return v
}

func (m *model) maskDiffers() bool {
	if m.version == 2 {
		return !m.secure
	}
	return m.fiqs
}

type processor struct {
	ctlr, pmr uint32
	running   []uint32
}

func newModel(version int, secure bool) *model {
	m := &model{version: version, secure: secure, lines: 96, routes: map[uint32]uint64{}}
	for i := range m.cpus {
		m.cpus[i] = &processor{}
		m.asleep[i] = true
		m.affinity[i] = uint64(i&1) | uint64(i>>1)<<8 | 7<<32
	}
	for i := range m.own {
		for id := range m.own[i].enabled { // what firmware left
			m.own[i].enabled[id] = true
			m.shared.enabled[id] = true
			m.shared.pending[id] = id%3 == 0
		}
	}
	return m
}

func (m *model) bank(cpu int, id uint32) *bank {
	if id < FirstSPI {
		return &m.own[cpu]
	}
	return &m.shared
}

// bits reads or writes one of the registers of a bit for each interrupt.
func (m *model) bits(cpu int, off uint32, v uint32, write bool) (out uint32) {
	for i := range uint32(32) {
		id := off%0x80/4*32 + i
		if id >= m.lines {
			continue
		}
		b := m.bank(cpu, id)
		var of *[1020]bool
		var set bool
		switch off &^ 0x7F {
		case gicdIGROUPR:
			if !m.secure {
				return 0
			}
			if b.group[id] {
				out |= 1 << i
			}
			if write {
				b.group[id] = v>>i&1 != 0
			}
			continue
		case gicdISENABLER:
			of, set = &b.enabled, true
		case gicdICENABLER:
			of = &b.enabled
		case 0x200:
			of, set = &b.pending, true
		case gicdICPENDR:
			of = &b.pending
		case gicdICACTIVER:
			of = &b.active
		default:
			return 0
		}
		if of[id] {
			out |= 1 << i
		}
		if write && v>>i&1 != 0 {
			of[id] = set
		}
	}
	return out
}

func (m *model) common(cpu int, off, v uint32, write bool) (out uint32, ok bool) {
	switch {
	case off >= gicdIGROUPR && off < gicdIPRIORITYR:
		return m.bits(cpu, off, v, write), true
	case off >= gicdIPRIORITYR && off < gicdIPRIORITYR+m.lines:
		for i := range uint32(4) {
			id := off - gicdIPRIORITYR + i
			b := m.bank(cpu, id)
			out |= m.outer(uint32(b.priority[id]), !m.secure) << (8 * i)
			if write {
				b.priority[id] = uint8(m.inner(v>>(8*i)&0xFF, !m.secure))
			}
		}
		return out, true
	case off >= gicdICFGR && off < gicdICFGR+m.lines/4:
		for i := range uint32(16) {
			id := (off-gicdICFGR)*4 + i
			b := m.bank(cpu, id)
			if b.edge[id] {
				out |= 2 << (2 * i)
			}
			if write {
				b.edge[id] = v>>(2*i)&2 != 0
			}
		}
		return out, true
	}
	return 0, false
}

type distributor struct{ *model }

func (m distributor) access(off, v uint32, write bool) uint32 {
	switch {
	case off == gicdCTLR:
		if write {
			m.ctlr = v
		}
		out := m.ctlr
		if m.version == 3 && m.secure {
			out |= ctlrDS
		}
		return out
	case off == gicdTYPER:
		return m.lines/32 - 1
	case m.version == 2 && off >= gicdITARGETSR && off < gicdITARGETSR+m.lines:
		var out uint32
		for i := range uint32(4) {
			id := off - gicdITARGETSR + i
			if id < FirstSPI {
				out |= 1 << m.cpu << (8 * i)
				continue
			}
			out |= uint32(m.targets[id]) << (8 * i)
			if write {
				m.targets[id] = uint8(v >> (8 * i))
			}
		}
		return out
	case m.version == 2 && off == gicdSGIR:
		for cpu := range m.own {
			if v>>16&(1<<cpu) != 0 {
				m.own[cpu].pending[v&15] = true
			}
		}
		return 0
	case m.version == 3 && off >= gicdIROUTER && off < gicdIROUTER+8*m.lines:
		id, old := (off-gicdIROUTER)/8, m.routes[(off-gicdIROUTER)/8]
		if off%8 == 0 {
			m.routes[id] = old&^0xFFFFFFFF | uint64(v)
		} else {
			m.routes[id] = old&0xFFFFFFFF | uint64(v)<<32
		}
		return 0
	}
	out, _ := m.common(m.cpu, off, v, write)
	return out
}

func (m distributor) Read32(off uint32) uint32     { return m.access(off, 0, false) }
func (m distributor) Write32(off uint32, v uint32) { m.access(off, v, true) }
func (m distributor) Read8(uint32) uint8           { panic("a byte") }
func (m distributor) Read16(uint32) uint16         { panic("a half word") }
func (m distributor) Write8(uint32, uint8)         { panic("a byte") }
func (m distributor) Write16(uint32, uint16)       { panic("a half word") }

type redistributors struct{ distributor }

func (m redistributors) access(off, v uint32, write bool) uint32 {
	size := uint32(frames2)
	if m.wide {
		size = frames4
	}
	cpu := int(off / size)
	if cpu >= len(m.own) {
		return ^uint32(0)
	}
	switch off %= size; off {
	case gicrTYPER:
		var out uint32
		if cpu == len(m.own)-1 {
			out |= typerLast
		}
		if m.wide {
			out |= typerVLPIS
		}
		return out
	case gicrTYPER + 4:
		return uint32(m.affinity[cpu]&0xFFFFFF | m.affinity[cpu]>>32<<24)
	case gicrWAKER:
		if write {
			m.asleep[cpu] = v&wakerSleep != 0
		}
		if m.asleep[cpu] {
			return wakerSleep | wakerAsleep
		}
		return 0
	case gicrCTLR:
		return 0
	}
	if off >= gicrSGI && off < gicrSGI+0x10000 && !m.asleep[cpu] {
		out, _ := m.common(cpu, off-gicrSGI, v, write)
		return out
	}
	return 0
}

func (m redistributors) Read32(off uint32) uint32     { return m.access(off, 0, false) }
func (m redistributors) Write32(off uint32, v uint32) { m.access(off, v, true) }

// next is the interrupt of a group with the highest priority at a processor, as long as none that is as high runs.
func (m *model) next(cpu int, fiq bool) (best uint32) {
	best = 1023
	highest := uint8(m.cpus[cpu].pmr)
	for _, id := range m.cpus[cpu].running {
		highest = min(highest, m.bank(cpu, id).priority[id])
	}
	for id := range m.lines {
		b := m.bank(cpu, id)
		here := id < FirstSPI || m.version == 2 && m.targets[id]>>cpu&1 != 0 || m.version == 3 && m.routes[id] == m.affinity[cpu]
		if here && b.enabled[id] && b.pending[id] && !b.active[id] && b.priority[id] < highest && m.secure && b.group[id] == !fiq || here && !m.secure && !fiq && b.enabled[id] && b.pending[id] && b.priority[id] < highest {
			best, highest = id, b.priority[id]
		}
	}
	return best
}

func (m *model) take(cpu int, fiq bool) uint32 {
	id := m.next(cpu, fiq)
	if id < m.lines {
		b := m.bank(cpu, id)
		b.pending[id], b.active[id] = false, true
		m.cpus[cpu].running = append(m.cpus[cpu].running, id)
	}
	return id
}

func (m *model) finish(cpu int, id uint32) {
	p := m.cpus[cpu]
	if n := len(p.running); n > 0 && p.running[n-1] == id {
		m.bank(cpu, id).active[id] = false
		p.running = p.running[:n-1]
	}
}

// interface2s are the processor interfaces of version 2.
type interface2s struct{ distributor }

func (m interface2s) Read32(off uint32) uint32 {
	p := m.cpus[m.cpu]
	if !m.secure {
		if off == giccIAR {
			return m.take(m.cpu, false)
		}
		return 1023
	}
	if p.ctlr != cpuGroup0|cpuGroup1|cpuAck|cpuFIQ {
		return 1023
	}
	fiq, irq := m.next(m.cpu, true), m.next(m.cpu, false)
	first := fiq < m.lines && (irq >= m.lines || m.bank(m.cpu, fiq).priority[fiq] <= m.bank(m.cpu, irq).priority[irq])
	switch off {
	case giccHPPIR:
		if m.looked != nil {
			defer m.looked()
		}
		if first {
			return fiq
		}
		return irq
	case giccIAR:
		return m.take(m.cpu, first)
	}
	return 1023
}

func (m interface2s) Write32(off uint32, v uint32) {
	switch p := m.cpus[m.cpu]; off {
	case giccCTLR:
		p.ctlr = v
	case giccPMR:
		p.pmr = m.inner(v&0xFF, m.maskDiffers())
	case giccAPR:
		p.running = nil
	case giccEOIR:
		m.finish(m.cpu, v)
	}
}

// system is the interface of version 3.
type system struct{ *model }

func (m system) Open(bool)     { m.Mask(Any) }
func (m system) Mask(v uint32) { m.cpus[m.cpu].pmr = m.inner(v, m.maskDiffers()) }
func (m system) TakesFIQ() bool {
	m.Mask(m.precision() & -m.precision())
	return m.outer(m.cpus[m.cpu].pmr, m.maskDiffers()) != 0
}
func (m system) Acknowledge(g uint32) uint32 { return m.take(m.cpu, Group(g) == Urgent) }
func (m system) End(_, id uint32)            { m.finish(m.cpu, id) }
func (m system) Forget(bool)                 { m.cpus[m.cpu].running = nil }
func (m system) Send(group uint32, v uint64) {
	for cpu, a := range m.affinity {
		where := v>>48&0xFF<<32 | v>>32&0xFF<<16 | v>>16&0xFF<<8
		if where == a&^0xFF && v&0xFFFF == 1<<(a&15) && v>>44&15 == a&0xFF>>4 {
			m.own[cpu].pending[v>>24&15] = true
		}
	}
}
