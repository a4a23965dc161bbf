package source

import (
	"time"

	"gasp/netlog/wire"
)

// machine is what is known of one sender.
type machine struct {
	table   *Table
	from    Origin
	active  time.Time
	heardOf int    // datagrams
	release string // that its messages begin with

	memory
	home    home     // of a sender without a key
	session *session // of one with a key

	fragments fragments
	lines     lines
	order     order
	clock     clock

	reports
	before before
}

func newMachine(t *Table, from Origin, b *budget) *machine {
	m := &machine{table: t, from: from, memory: memory{budget: b}}
	m.order.machine = m
	m.order.recent.memory = &m.memory
	m.fragments.memory = &m.memory
	m.lines.memory = &m.memory
	return m
}

// hear takes a datagram, and hands it on to the reports that it can be of.
func (m *machine) hear(d *Datagram) {
	before := m.hears(d)
	m.datagram(d)
	m.heard(d, before)
}

// hears hands a datagram on to the reports that are open, before it is looked at; heard to those that
// it opened.
func (m *machine) hears(d *Datagram) (before [3]*Crash) {
	before = m.slots()
	for _, c := range before {
		if c.open() && !c.Known {
			m.table.sink.CrashDatagram(c, d)
		}
	}
	return before
}

func (m *machine) heard(d *Datagram, before [3]*Crash) {
	for i, c := range m.slots() {
		if c != nil && c != before[i] && !c.Known {
			m.table.sink.CrashDatagram(c, d)
		}
	}
}

func (m *machine) datagram(from *Datagram) {
	at, payload := from.At, from.Data
	if priority, rest, ok := syslogPriority(payload); ok && from.Size <= wire.MaxAccepted {
		m.syslog(at, priority, rest)
		return
	}
	d, err := wire.Decode(payload, m.table.room(len(payload)+1))
	if err != nil {
		m.bad(from, err)
		return
	}
	if !d.Extended {
		m.lines.add(m, at, d.Body)
		return
	}
	r := &m.table.record
	*r = Record{Record: d.Record, From: m.from, At: at, Format: Extended, Extended: true, Release: m.kernel(d.Release)}
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

// kernel is a release as a string, without memory of its own if it is the one before.
func (m *machine) kernel(release []byte) string {
	const longestRelease = 64 // of struct new_utsname
	if string(release) != m.release {
		m.release = string(release[:min(len(release), longestRelease)])
	}
	return m.release
}

func (m *machine) bad(d *Datagram, err error) { m.table.reject(d, causeOf(err), nil, err) }

// syslog takes a syslog datagram. It has no number, and what it says of its sender is text; it is
// never a part of a report.
func (m *machine) syslog(at time.Time, priority uint8, rest []byte) {
	r := &m.table.record
	*r = Record{From: m.from, At: at, Format: Syslog}
	r.Level, r.Facility = priority&7, priority>>3
	r.Dict = m.table.room(2 * len(rest))[:0]
	r.parseSyslog(rest)
	m.table.stats.Records++
	m.table.sink.Record(r)
	m.remember(r)
}

// remember keeps an ordinary record for the case that a crash follows.
func (m *machine) remember(r *Record) {
	most := beforeRecords
	if m.home.pool == &m.table.sources.fresh {
		most = beforeFew
	}
	m.before.add(&m.memory, r, most)
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
	if r.Extended || r.Time > 0 {
		if m.session == nil {
			m.clock.sample(r.At, r.Time)
		}
		r.Said, r.SaidError = m.clock.said(r.At, r.Time)
	}
	m.see(r)
}

// missing names the numbers from first to last as missing, or count of them.
func (m *machine) missing(at time.Time, first, last, count uint64) {
	m.table.stats.Missing += count
	m.table.sink.Note(&Note{From: m.from, At: at, Kind: Missing, First: first, Last: last, Count: count})
}

func (m *machine) reboot(at time.Time) {
	m.all(m.close)
	for _, c := range m.slots() {
		m.drop(c)
	}
	m.reports = reports{}
	m.before.forget(&m.memory)
	m.lines.forget()
	m.clock = clock{}
	m.table.sink.Note(&Note{From: m.from, At: at, Kind: Reboot})
}

func (m *machine) waiting() bool {
	return m.session.waiting() || len(m.fragments.partial) > 0 || len(m.lines.text) > 0 || len(m.order.held) > 0 || len(m.order.got.runs) > 0 || m.open()
}

func (m *machine) tick(now time.Time) {
	m.session.tick(now)
	m.fragments.expire(now.Add(-FragmentWindow), m.numbered)
	m.lines.expire(m, now)
	m.order.expire(now)
	if m.session.repairing() {
		return // what is missing of a report is on its way
	}
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
	if m.session != nil {
		m.session.sequence.giveUp(m.session.sequence.known, now)
	}
	m.all(m.close)
}
