package source

import (
	"net/netip"
	"time"

	"gasp/netlog/wire"
)

// machine is what is known of one sender.
type machine struct {
	table  *Table
	from   netip.AddrPort
	active time.Time

	scratch   []byte // what decoding unescapes
	fragments fragments
	lines     lines
	order     order

	crash     *Crash
	concluded bool // a crash report was closed since the last reboot
	before    before
}

func newMachine(t *Table, from netip.AddrPort) *machine {
	m := &machine{table: t, from: from}
	m.order.machine = m
	m.fragments.budget = &t.budget
	m.lines.budget = &t.budget
	return m
}

func (m *machine) datagram(at time.Time, payload []byte, size int) {
	if need := len(payload) + 1; cap(m.scratch) < need {
		m.scratch = make([]byte, 0, max(need, 2*wire.MaxDatagram))
	}
	d, err := wire.Decode(payload, m.scratch)
	if err != nil {
		m.bad(at, payload, size, err)
		return
	}
	r := Record{Record: d.Record, From: m.from, At: at, Extended: d.Extended}
	switch {
	case !d.Extended:
		m.lines.add(m, at, d.Body)
	case d.FragTotal == 0:
		m.numbered(&r)
	case m.order.recent.has(&r):
		m.table.stats.Duplicates++
	default:
		whole, err := m.fragments.add(&d, &r)
		if err != nil {
			m.bad(at, payload, size, err)
		} else if whole != nil {
			m.numbered(whole)
		}
	}
}

func (m *machine) bad(at time.Time, payload []byte, size int, err error) {
	m.table.stats.Bad++
	m.table.sink.Bad(m.from, at, payload, size, err)
}

// numbered takes a whole record of the extended format. A headline does not wait for the records
// before it: it is the one that must be seen.
func (m *machine) numbered(r *Record) {
	h, urgent := headline(r)
	if urgent && m.crash != nil && m.crash.HasHeadline && m.crash.Headline.Boot == h.Boot {
		m.table.stats.Duplicates++
		return
	}
	unsent := uint64(0)
	if urgent {
		unsent = min(h.Unsent, r.Seq)
	}
	m.order.push(r, urgent, unsent)
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
	m.table.sink.Missing(m.from, at, first, last)
}

func (m *machine) reboot(at time.Time) {
	if m.crash != nil {
		m.closeCrash()
	}
	m.concluded = false
	m.before = before{}
	m.table.sink.Reboot(m.from, at)
}

func (m *machine) waiting() bool {
	return len(m.fragments.partial) > 0 || len(m.lines.text) > 0 || len(m.order.held) > 0 || m.crash != nil
}

func (m *machine) tick(now time.Time) {
	m.fragments.expire(now.Add(-FragmentWindow), m.numbered)
	m.lines.expire(m, now)
	m.order.expire(now)
	if m.crash != nil && now.Sub(m.crash.Last) >= m.table.crashTimeout {
		m.closeCrash()
	}
}

func (m *machine) flush(now time.Time) {
	m.fragments.expire(now, m.numbered)
	m.lines.flush(m)
	m.order.flush(now)
	if m.crash != nil {
		m.closeCrash()
	}
}
