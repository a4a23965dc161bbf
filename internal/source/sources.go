package source

import (
	"container/list"
	"net/netip"
	"time"
)

// sources tells the senders without a key apart, by address and port. Anybody can send in the name
// of any of them, and of millions, so what they cost is bounded and told apart:
//
// A sender that is heard for the first time is new. It gets a small state, out of a budget that only
// new ones share, and the idlest of the new ones makes way for it, of those that were heard once as long
// as there are some. One that has sent settleAfter
// datagrams is settled: it gets more memory, and keeps it as long as it does not fall silent for
// idleAfter. When MaxSources are settled, or have all of the memory, and none is idle, further ones stay
// new. So no
// number of invented senders takes anything from one that is settled, and each costs the same few
// steps and bytes.
type sources struct {
	machines map[netip.AddrPort]*machine
	places   map[netip.Addr]*list.List // of an address's senders, the one heard last first
	fresh    pool
	settled  pool
}

// pool is the machines that share a budget, the one heard last first; once those that were heard once, of
// new ones.
type pool struct {
	budget
	order, once list.List
}

const (
	// MaxSources is how many senders without a key are settled at a time.
	MaxSources = 4096
	// maxPlace is how many senders an address may have, or an IPv6 network of 64 bits, which any one
	// machine there can have for itself.
	maxPlace = 256
	// settleAfter is the datagrams after which a sender is settled.
	settleAfter = 8
	// idleAfter is how long a settled sender may be silent before another one may take its place.
	idleAfter = 5 * time.Minute
	// headroom is what a new sender's datagram may need, in bytes, so that there is room before it is
	// looked at.
	headroom = 64 << 10
	// leastOnce is how many that were heard once are kept before those heard more often.
	leastOnce = 2048
	// passedOver is how many senders in the middle of a report are passed over when one has to make way.
	passedOver = 8
)

// home is where a machine is kept.
type home struct {
	pool  *pool
	list  *list.List // of the pool
	order *list.Element
	place *list.List
	local *list.Element // in place
}

// machine returns the machine of a sender, and moves it to the front.
func (t *Table) machine(d *Datagram) *machine {
	s := &t.sources
	m := s.machines[d.From]
	if m == nil {
		m = t.admit(d)
	}
	m.active = d.At
	h := &m.home
	h.list.MoveToFront(h.order)
	h.place.MoveToFront(h.local)
	switch m.heardOf++; {
	case h.pool == &s.settled:
		if s.settled.left < headroom {
			t.idle(d.At)
		}
		return m
	case m.heardOf >= settleAfter:
		t.settle(m, d.At)
	case h.list == &s.fresh.once && m.heardOf > 1:
		h.moveTo(m, h.pool, &s.fresh.order)
	}
	for s.fresh.left < headroom {
		victim := s.fresh.victim(m)
		if victim == nil {
			break
		}
		t.forget(victim, d.At)
	}
	return m
}

// moveTo puts the machine m, whose home it is, at the front of another list.
func (h *home) moveTo(m *machine, p *pool, l *list.List) {
	h.list.Remove(h.order)
	h.pool, h.list, h.order = p, l, l.PushFront(m)
}

// admit makes a machine for a new sender.
func (t *Table) admit(d *Datagram) *machine {
	s := &t.sources
	t.stats.Sources++
	at := placeOf(d.From.Addr())
	place := s.places[at]
	if place == nil {
		place = list.New()
		s.places[at] = place
	}
	if place.Len() >= maxPlace {
		t.forget(place.Back().Value.(*machine), d.At)
		s.places[at] = place
	}
	m := newMachine(t, Origin{Addr: d.From}, &s.fresh.budget)
	once := &s.fresh.once
	m.home = home{pool: &s.fresh, list: once, order: once.PushFront(m), place: place, local: place.PushFront(m)}
	m.force(baseSize)
	s.machines[d.From] = m
	return m
}

// placeOf is the address whose senders are counted together.
func placeOf(a netip.Addr) netip.Addr {
	const network = 64
	if p, err := a.Prefix(network); err == nil && a.Is6() {
		return p.Addr()
	}
	return a
}

// settle gives a sender its place among the settled ones if there is one.
func (t *Table) settle(m *machine, now time.Time) {
	s := &t.sources
	full := s.settled.order.Len() >= MaxSources || s.settled.left < headroom
	if full && !t.idle(now) {
		return
	}
	m.home.moveTo(m, &s.settled, &s.settled.order)
	m.move(&s.settled.budget)
	m.from.Settled = true
}

// idle forgets the idlest settled sender if it is silent for long enough.
func (t *Table) idle(now time.Time) bool {
	last := t.sources.settled.order.Back()
	if last == nil || now.Sub(last.Value.(*machine).active) < idleAfter {
		return false
	}
	t.forget(last.Value.(*machine), now)
	return true
}

// victim is the new sender to make way, nil if there is none but one: the idlest of those heard once as
// long as there are many, else of the others; one without an open report if one of the last few is.
func (p *pool) victim(but *machine) *machine {
	first, second := &p.once, &p.order
	if first.Len() < leastOnce {
		first, second = second, first
	}
	for _, list := range []*list.List{first, second} {
		e := list.Back()
		for range passedOver {
			if e == nil {
				break
			}
			if m := e.Value.(*machine); m != but && !m.open() {
				return m
			}
			e = e.Prev()
		}
		if e = list.Back(); e != nil && e.Value.(*machine) != but {
			return e.Value.(*machine)
		}
	}
	return nil
}

// forget hands on what waits of a sender, and takes it off the table.
func (t *Table) forget(m *machine, now time.Time) {
	s := &t.sources
	m.flush(now)
	t.stats.Forgotten++
	m.home.list.Remove(m.home.order)
	m.home.place.Remove(m.home.local)
	if m.home.place.Len() == 0 {
		delete(s.places, placeOf(m.from.Addr.Addr()))
	}
	m.giveBack(m.used)
	delete(t.waiting, m)
	delete(s.machines, m.from.Addr)
}
