package source

import (
	"bytes"
	"time"

	"gasp/netlog/wire"
)

// A machine that stays after its crash sends the headline again and again, the same bytes after
// growing pauses, and may send the whole report once more. Nothing of that is another crash, or a
// sign that the machine began anew; what had not come fills the report.

// repeatPause is the least time between a headline and its repeat; what comes sooner the network
// has doubled.
const repeatPause = 500 * time.Millisecond

// repeats takes r if it is the headline of the crash that is known.
func (m *machine) repeats(r *Record) bool {
	h, ok := headline(r)
	c := m.crash
	if !ok || c == nil || !c.same(r, &h) || c.Bare && !bare(r) {
		return false
	}
	if bare(r) && !c.Failed {
		m.failed(c, r)
		return true
	}
	if r.At.Sub(c.heard) < repeatPause {
		m.table.stats.Duplicates++
		return true
	}
	c.heard, c.resends = r.At, true
	c.Repeats++
	m.table.stats.Repeats++
	if !r.Extended && !bare(r) && len(r.Text) <= wire.MaxDatagram {
		m.again = r.clone()
	}
	m.table.sink.Repeated(c, r.At)
	return true
}

// failed takes the frame which says that the report of a crash failed, behind a whole headline.
func (m *machine) failed(c *Crash, r *Record) {
	c.Failed = true
	m.table.stats.Records++
	r.Report, r.Form = true, wire.Crash
	m.table.sink.Record(r)
	if c.closed && !c.Complete && !c.Known {
		c.closed, c.Reopened = false, true
		c.Last = r.At
	}
}

// resent takes a numbered record that is of the crash that is known, if it came before or was
// given up.
func (m *machine) resent(r *Record) bool {
	c, o := m.crash, &m.order
	if c == nil || !c.Numbered() || !o.started {
		return false
	}
	seen := o.recent.find(r.Seq)
	same := seen != nil && seen.time == r.Time && (seen.hash == hash(r.Text) || r.Damaged)
	if c.resends && c.anchored() && r.Seq < c.first && c.first-r.Seq <= c.Headline.Unsent {
		// It had not been sent before the crash, and goes with the report.
		if same {
			m.table.stats.Duplicates++
			return true
		}
		if forgotten := seen == nil && r.Seq < o.next && o.next-r.Seq > recentSize; forgotten {
			o.late(r, false)
			return true
		}
	}
	if !grave(r, wire.Crash) || !c.spans(r.Seq) || older(r.Time, c.time) {
		return false
	}
	mends := c.mends(r) && (seen == nil || seen.time == r.Time)
	switch {
	case mends, !c.got.has(r.Seq) && seen == nil && r.Seq < o.next:
		o.late(r, !mends)
	case c.got.has(r.Seq) && (seen == nil || same):
		m.table.stats.Duplicates++
	default:
		return false
	}
	return true
}

// mends says whether r is a whole one of a record that came damaged.
func (c *Crash) mends(r *Record) bool {
	if r.Damaged {
		return false
	}
	for _, seq := range c.damaged {
		if seq == r.Seq {
			return true
		}
	}
	return false
}

// copyOf returns the report that a line in basic format is of, which has no number: after a
// repeated headline it begins a second copy if it is older than what has come, or that has an end.
// A complete report wants no copy, and one with an end no other lines.
func (m *machine) copyOf(c *Crash, r *Record) *Crash {
	if !r.Extended && c.closed && c.HasEnd && (m.again == nil || c.Complete) {
		return nil
	}
	if m.again == nil || r.Extended || !c.HasEnd && (c.Received <= 1 || r.Time >= c.newest) {
		return c
	}
	first := m.again
	h, _ := headline(first)
	if !c.closed {
		m.close(c)
	}
	second := m.newReport(first, wire.Crash)
	second.Before, second.Repeats = c.Before, c.Repeats
	second.setHeadline(first, h)
	m.table.sink.CrashBegin(second)
	if second.count(first); !second.Known {
		first.Report, first.Form = true, wire.Crash
		m.table.sink.CrashRecord(second, first)
	}
	return second
}

// copied drops what comes again of a report in basic format that is complete.
func (m *machine) copied(r *Record) bool {
	c := m.crash
	if m.again == nil || r.Extended || !c.Complete || r.Time < c.time || r.Time > c.newest {
		return false
	}
	if _, end := wire.ParseEnd(r.Text); !end && !bytes.HasPrefix(r.Text, []byte(wire.ReportPrefix)) {
		return false
	}
	m.table.stats.Duplicates++
	return true
}

// resets begins anew when a crash of the boot that is known comes as one that outlived a reset.
func (m *machine) resets(r *Record) {
	h, ok := headline(r)
	if ok && h.Form == wire.Kept && m.crash != nil && m.crash.HasBoot() && m.crash.Boot() == string(h.Boot[:]) {
		m.order.flush(r.At)
		m.order.started = false
		m.reboot(r.At)
	}
}
