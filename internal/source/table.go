package source

import (
	"net/netip"
	"time"
)

// Table tells the senders apart, by address and port.
type Table struct {
	sink     Sink
	options  Options
	machines map[netip.AddrPort]*machine
	waiting  map[*machine]struct{}
	budget   budget
	stats    Stats
	reports  uint64 // so far
	record   Record // the one that is being delivered, which would need memory of its own each time
}

// Options say how a table works.
type Options struct {
	// CrashTimeout is how long a crash report may be quiet before it is closed as incomplete; 0 means
	// DefaultCrashTimeout.
	CrashTimeout time.Duration
}

// Datagram is one UDP payload.
type Datagram struct {
	// At is when it was received. The time must not go back from one to the next.
	At   time.Time
	From netip.AddrPort
	// Via is the socket that it came through, for an answer.
	Via int
	// Data is the payload, or its beginning if that is more than wire.MaxAccepted.
	Data []byte
	// Size is the payload's size in bytes as it was sent.
	Size int
}

// NewTable returns a table that hands on to sink.
func NewTable(sink Sink, o Options) *Table {
	if o.CrashTimeout == 0 {
		o.CrashTimeout = DefaultCrashTimeout
	}
	return &Table{
		sink:     sink,
		options:  o,
		machines: make(map[netip.AddrPort]*machine),
		waiting:  make(map[*machine]struct{}),
		budget:   budget{left: memory},
	}
}

// Datagram takes one datagram. Nothing of it is kept.
func (t *Table) Datagram(d *Datagram) {
	t.stats.Datagrams++
	m := t.machines[d.From]
	if m == nil {
		if len(t.machines) >= MaxSources {
			t.evict(d.At)
		}
		t.stats.Sources++
		m = newMachine(t, Origin{Addr: d.From})
		t.machines[d.From] = m
	}
	m.active = d.At
	m.hear(d)
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

// Known is how many senders are told apart now.
func (t *Table) Known() int { return len(t.machines) }

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
	delete(t.machines, idlest.from.Addr)
}
