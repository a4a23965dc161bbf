package source

import (
	"time"

	"gasp/netlog/wire"
)

// machine is what is known of one sender.
type machine struct {
	table  *Table
	from   Origin
	active time.Time

	scratch   []byte // what decoding unescapes
	fragments fragments
	lines     lines
	order     order

	reports
	before before
}

func newMachine(t *Table, from Origin) *machine {
	m := &machine{table: t, from: from}
	m.order.machine = m
	m.fragments.budget = &t.budget
	m.lines.budget = &t.budget
	return m
}

// hear takes a datagram, and hands it on to the reports that it can be of: those open before, and
// those that it opens.
func (m *machine) hear(d *Datagram) {
	before := m.slots()
	for _, c := range before {
		if c.open() && !c.Known {
			m.table.sink.CrashDatagram(c, d)
		}
	}
	m.datagram(d)
	for i, c := range m.slots() {
		if c != nil && c != before[i] && !c.Known {
			m.table.sink.CrashDatagram(c, d)
		}
	}
}

func (m *machine) datagram(from *Datagram) {
	at, payload := from.At, from.Data
	if need := len(payload) + 1; cap(m.scratch) < need {
		m.scratch = make([]byte, 0, max(need, 2*wire.MaxDatagram))
	}
	d, err := wire.Decode(payload, m.scratch)
	if err != nil {
		m.bad(from, err)
		return
	}
	if !d.Extended {
		m.lines.add(m, at, d.Body)
		return
	}
	r := &m.table.record
	*r = Record{Record: d.Record, From: m.from, At: at, Extended: true}
	switch {
	case d.FragTotal == 0:
		m.numbered(r)
	case m.order.recent.has(r):
		m.table.stats.Duplicates++
	default:
		whole, err := m.fragments.add(&d, r)
		if err != nil {
			m.bad(from, err)
		} else if whole != nil {
			m.numbered(whole)
		}
	}
}

func (m *machine) bad(d *Datagram, err error) {
	m.table.stats.Bad++
	m.table.sink.Note(&Note{From: m.from, At: d.At, Kind: Bad, Payload: d.Data, Size: d.Size, Err: err})
}

// numbered takes a whole record of the extended format. The headline of a crash does not wait for
// the records before it: it is the one that must be seen.
func (m *machine) numbered(r *Record) {
	if !grave(r, wire.Report) {
		// It is no headline, as most are not, and to look thrice costs more than its place in the order.
		if !m.resent(r) {
			m.order.push(r, false, 0)
		}
		return
	}
	m.resets(r)
	if m.repeats(r) || m.resent(r) {
		return
	}
	h, urgent := headline(r)
	if !urgent || h.Form != wire.Crash {
		m.order.push(r, false, 0)
		return
	}
	c := m.crash
	known := c != nil && (c.same(r, &h) || c.awaits(r, &h))
	switch {
	case bare(r) && !m.order.continues(r):
		m.deliver(r) // what failed may not have known its number
	case known && m.order.passed(r.Seq):
		m.order.late(r, true)
	default:
		m.order.push(r, true, min(h.Unsent, r.Seq))
	}
}

// deliver hands on a record whose turn it is.
func (m *machine) deliver(r *Record) {
	m.table.stats.Records++
	if r.Late {
		m.table.stats.Late++
		m.table.stats.Missing -= min(m.table.stats.Missing, 1)
	}
	m.see(r)
}

func (m *machine) missing(at time.Time, first, last uint64) {
	m.table.stats.Missing += last - first + 1
	m.table.sink.Note(&Note{From: m.from, At: at, Kind: Missing, First: first, Last: last})
}

func (m *machine) reboot(at time.Time) {
	m.all(m.close)
	m.reports = reports{}
	m.before = before{}
	m.lines.forget()
	m.table.sink.Note(&Note{From: m.from, At: at, Kind: Reboot})
}

func (m *machine) waiting() bool {
	return len(m.fragments.partial) > 0 || len(m.lines.text) > 0 || len(m.order.held) > 0 || m.open()
}

func (m *machine) tick(now time.Time) {
	m.fragments.expire(now.Add(-FragmentWindow), m.numbered)
	m.lines.expire(m, now)
	m.order.expire(now)
	m.all(func(c *Crash) {
		if now.Sub(c.Last) >= m.table.options.CrashTimeout {
			m.close(c)
		}
	})
}

func (m *machine) flush(now time.Time) {
	m.fragments.expire(now, m.numbered)
	m.lines.flush(m)
	m.order.flush(now)
	m.all(m.close)
}
