package source

import (
	"net/netip"
	"time"
)

// Table tells the senders apart, by address and port.
type Table struct {
	sink         Sink
	crashTimeout time.Duration
	machines     map[netip.AddrPort]*machine
	waiting      map[*machine]struct{}
	budget       budget
	stats        Stats
}

// NewTable returns a table that hands on to sink, and closes a crash report as incomplete when it
// was quiet for crashTimeout.
func NewTable(sink Sink, crashTimeout time.Duration) *Table {
	return &Table{
		sink:         sink,
		crashTimeout: crashTimeout,
		machines:     make(map[netip.AddrPort]*machine),
		waiting:      make(map[*machine]struct{}),
		budget:       budget{left: memory},
	}
}

// Datagram takes one UDP payload of size bytes; payload may be its beginning only, if that is more
// than wire.MaxAccepted. Nothing of it is kept. The time must not go back.
func (t *Table) Datagram(at time.Time, from netip.AddrPort, payload []byte, size int) {
	t.stats.Datagrams++
	m := t.machines[from]
	if m == nil {
		if len(t.machines) >= MaxSources {
			t.evict(at)
		}
		t.stats.Sources++
		m = newMachine(t, from)
		t.machines[from] = m
	}
	m.active = at
	m.datagram(at, payload, size)
	t.note(m)
}

// Tick closes what has waited long enough.
func (t *Table) Tick(now time.Time) {
	for m := range t.waiting {
		m.tick(now)
		t.note(m)
	}
}

// Waiting says whether something waits for the time to pass, so that Tick is needed.
func (t *Table) Waiting() bool { return len(t.waiting) > 0 }

// Flush hands on everything that waits, and closes every crash report.
func (t *Table) Flush(now time.Time) {
	for m := range t.waiting {
		m.flush(now)
		t.note(m)
	}
}

// Stats returns the counters.
func (t *Table) Stats() Stats { return t.stats }

func (t *Table) note(m *machine) {
	if m.waiting() {
		t.waiting[m] = struct{}{}
	} else {
		delete(t.waiting, m)
	}
}

// evict forgets the idlest sender, one with an open report only if all have one.
func (t *Table) evict(now time.Time) {
	var idlest *machine
	for _, m := range t.machines {
		if idlest == nil || m.open() != idlest.open() && idlest.open() ||
			m.open() == idlest.open() && m.active.Before(idlest.active) {
			idlest = m
		}
	}
	idlest.flush(now)
	delete(t.waiting, idlest)
	delete(t.machines, idlest.from)
}
