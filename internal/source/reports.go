package source

import (
	"bytes"

	"gasp/netlog/wire"
)

// reports is the reports of one sender.
type reports struct {
	crash *Crash // the last one of this boot; it stays when it is closed, for more of it may come
	kept  *Crash // an open one of the boot before
	asked *Crash // an open one of the machine as it goes on
	again *Record
	ended bool // a report was closed since the last reboot
}

// open says whether a report waits for more.
func (p *reports) open() bool { return p.crash.open() || p.kept != nil || p.asked != nil }

// unsent says whether the crash report that is open counts a record as unsent.
func (p *reports) unsent(seq uint64) bool {
	c := p.crash
	return c.open() && c.anchored() && c.Headline.HasLast && seq <= c.Headline.Last && c.Headline.Last-seq < c.Headline.Unsent
}

// slots is what there is of every form.
func (p *reports) slots() [3]*Crash { return [...]*Crash{p.asked, p.kept, p.crash} }

// slot is where the report of a form is.
func (p *reports) slot(f wire.Form) **Crash {
	switch f {
	case wire.Kept:
		return &p.kept
	case wire.Report:
		return &p.asked
	}
	return &p.crash
}

// all calls do for every report that is open.
func (p *reports) all(do func(*Crash)) {
	for _, c := range p.slots() {
		if c.open() {
			do(c)
		}
	}
}

// grave says whether r can belong to a report of a form: in the extended format its level says so.
func grave(r *Record, f wire.Form) bool {
	limit := uint8(0)
	if f == wire.Report {
		limit = 1
	}
	return !r.Extended || r.Level <= limit && r.Facility == 0
}

// headline reads r as the headline of a report of any form.
func headline(r *Record) (h wire.Headline, ok bool) {
	if !grave(r, wire.Report) {
		return h, false
	}
	h, ok = wire.ParseHeadline(r.Text)
	return h, ok && grave(r, h.Form)
}

// see finds out what r has to do with a report, and hands it on.
func (m *machine) see(r *Record) {
	if h, ok := headline(r); ok {
		m.begin(r, h)
		return
	}
	if grave(r, wire.Report) {
		if e, ok := wire.ParseEnd(r.Text); ok && grave(r, e.Form) {
			if c := m.ending(r, &e); c != nil {
				c.End, c.HasEnd, c.last = e, true, r.Seq
				m.report(c, r)
				return
			}
		}
		if c := m.owner(r); c != nil {
			r.Text = stripPrefix(r.Text)
			m.report(c, r)
			return
		}
	}
	m.ordinary(r)
}

// begin takes a headline: of the report that is open, or of another one.
func (m *machine) begin(r *Record, h wire.Headline) {
	slot := m.slot(h.Form)
	c := *slot
	switch {
	case c == nil:
	case c.same(r, &h) && c.Bare && !bare(r), c.awaits(r, &h):
		c.setHeadline(r, h)
		m.report(c, r)
		return
	case c.same(r, &h) && (h.Form != wire.Report || h.Uptime == c.Headline.Uptime):
		m.table.stats.Duplicates++
		return
	case !c.closed:
		m.close(c)
	}
	c = m.newReport(r, h.Form)
	c.setHeadline(r, h)
	m.table.sink.CrashBegin(c)
	m.report(c, r)
}

// ending returns the report that an end record ends: the open one, the crash that was closed
// without it, or one of which nothing else has come.
func (m *machine) ending(r *Record, e *wire.End) *Crash {
	c := *m.slot(e.Form)
	if c == nil && e.Form != wire.Crash && m.crash.open() && !m.crash.HasHeadline && !m.crash.HasEnd {
		// Lines without a headline were taken for a crash of this boot.
		c, m.crash = m.crash, nil
		c.Form, *m.slot(e.Form) = e.Form, c
	}
	switch {
	case c == nil && !m.ended && m.crash == nil:
		return m.headless(r, e.Form)
	case c == nil || c.Extended != r.Extended || c.HasEnd || c.HasHeadline && c.Headline.Boot != e.Boot || c.closed && !c.HasHeadline:
		return nil
	case c.Numbered() && c.anchored() && r.Seq < c.first:
		return nil
	}
	return c
}

// owner returns the report that r is a line of, nil if it is ordinary.
func (m *machine) owner(r *Record) *Crash {
	prefixed := bytes.HasPrefix(r.Text, []byte(wire.ReportPrefix))
	if c := m.crash; c != nil && c.takes(r, prefixed) {
		if c = m.copyOf(c, r); c != nil {
			return c
		}
	}
	if !prefixed {
		return nil
	}
	if m.kept == nil && m.asked == nil {
		if m.crash != nil || m.ended {
			return nil
		}
		form := wire.Crash
		if r.Extended && r.Level > 0 {
			form = wire.Report
		}
		return m.headless(r, form)
	}
	// Between the two the level decides, or which of them began last.
	c := m.kept
	if c == nil || m.asked != nil && (r.Extended && r.Level > 0 || !r.Extended && m.asked.Began.After(c.Began)) {
		c = m.asked
	}
	if c == nil || c.Extended != r.Extended || !grave(r, c.Form) {
		return nil
	}
	return c
}

// takes says whether r is of this crash. A machine that dies logs nothing else; what it had logged
// before has smaller numbers, or times.
func (c *Crash) takes(r *Record, prefixed bool) bool {
	switch {
	case c.Extended != r.Extended || !grave(r, wire.Crash):
		return false
	case !c.Extended:
		return prefixed && (!c.HasHeadline || r.Time == 0 || r.Time >= c.time)
	case c.closed && !c.HasEnd || !c.anchored():
		return prefixed && !(c.closed && !c.HasHeadline) && (!c.anchored() || r.Seq >= c.first)
	}
	return c.spans(r.Seq)
}

// headless opens a report without a headline.
func (m *machine) headless(r *Record, f wire.Form) *Crash {
	c := m.newReport(r, f)
	m.table.sink.CrashBegin(c)
	return c
}

func (m *machine) newReport(r *Record, f wire.Form) *Crash {
	m.table.reports++
	c := &Crash{ID: m.table.reports, From: m.from, Form: f, Extended: r.Extended, Began: r.At, got: spans{max: maxGaps}}
	if f != wire.Kept {
		c.Before = m.before.list()
	}
	m.drop(*m.slot(f))
	m.weigh(c)
	if f == wire.Crash {
		m.again = nil
	}
	*m.slot(f) = c
	return c
}

// report adds r to a report.
func (m *machine) report(c *Crash, r *Record) {
	if c.closed && c.Known || !c.count(r) {
		m.table.stats.Duplicates++
		return
	}
	if c.closed {
		c.closed, c.Reopened = false, true
	}
	r.Report, r.Form = true, c.Form
	if !c.Known {
		m.table.sink.Record(r)
		m.table.sink.CrashRecord(c, r)
	}
	m.weigh(c)
	if c.judge(); c.Complete {
		m.close(c)
	}
}

// weigh accounts for what a report takes. If that is more than the machine's share, no further gaps of
// it are told apart.
func (m *machine) weigh(c *Crash) {
	size := c.size()
	m.force(size - c.weight)
	c.weight = size
	const fewGaps = 64
	if m.over() {
		c.got.max = min(c.got.max, max(len(c.got.runs), fewGaps))
	}
}

// drop gives back what a report takes that is not kept any more.
func (m *machine) drop(c *Crash) {
	if c != nil {
		m.giveBack(c.weight)
		c.weight = 0
	}
}

// ordinary hands on a record that is not of a report; what was logged before the crash and sent
// after the headline is shown with it.
func (m *machine) ordinary(r *Record) {
	m.table.sink.Record(r)
	m.remember(r)
	c := m.crash
	if !c.open() || c.Known || !c.anchored() || c.Extended != r.Extended {
		return
	}
	if r.Extended && r.Seq < c.first || !r.Extended && c.Received == 1 {
		c.Last = r.At
		m.table.sink.CrashRecord(c, r)
	}
}

func (m *machine) close(c *Crash) {
	if c.Form != wire.Crash {
		m.drop(c)
		*m.slot(c.Form) = nil
	}
	m.ended = true
	c.close()
	m.table.sink.CrashEnd(c)
}

// stripPrefix takes the prefix off every line.
func stripPrefix(text []byte) []byte {
	prefix := []byte(wire.ReportPrefix)
	if !bytes.Contains(text, []byte{'\n'}) {
		return bytes.TrimPrefix(text, prefix)
	}
	lines := bytes.Split(text, []byte{'\n'})
	for i := range lines {
		lines[i] = bytes.TrimPrefix(lines[i], prefix)
	}
	return bytes.Join(lines, []byte{'\n'})
}
