package source

import (
	"bytes"
	"net/netip"
	"time"

	"gasp/netlog/wire"
)

// Crash is a crash report: while it comes in, and with its verdict when it is closed.
type Crash struct {
	From netip.AddrPort
	// Extended tells that the report's records are numbered, so that the missing ones are known.
	Extended bool
	// Headline is what the first record says, if HasHeadline.
	Headline    wire.Headline
	HasHeadline bool
	// End is what the last record says, if HasEnd.
	End    wire.End
	HasEnd bool
	// Began and Last are when its first and its last record so far were received.
	Began, Last time.Time
	// Before is the ordinary records that were received last before it began.
	Before []*Record

	// Received counts its records, headline and end included.
	Received uint64
	// Damaged counts those of them of which fragments are missing.
	Damaged uint64
	// Missing is the numbers that did not come, in the extended format; MissingRecords their count,
	// in either format as far as the end record tells it. Both are valid when the report is closed.
	Missing        []Span
	MissingRecords uint64
	// Complete says that everything the sender had to say is here. Valid when it is closed.
	Complete bool

	// Folder and FolderErr are for the sink that stores the report: where, or why not.
	Folder    string
	FolderErr error

	first, last uint64 // numbers of headline and end
	got         spans
}

// maxGaps is how many gaps of a report are told apart; more make it incomplete anyway.
const maxGaps = 4096

// Boot is the boot's random number as text, empty when neither headline nor end came.
func (c *Crash) Boot() string {
	switch {
	case c.HasHeadline:
		return string(c.Headline.Boot[:])
	case c.HasEnd:
		return string(c.End.Boot[:])
	}
	return ""
}

// gravest says whether r can belong to a report: in the extended format its level says so.
func gravest(r *Record) bool { return !r.Extended || r.Level == 0 && r.Facility == 0 }

func headline(r *Record) (wire.Headline, bool) {
	if !gravest(r) {
		return wire.Headline{}, false
	}
	return wire.ParseHeadline(r.Text)
}

// see finds out what r has to do with a crash, and hands it on.
func (m *machine) see(r *Record) {
	if !gravest(r) {
		m.ordinary(r)
		return
	}
	if h, ok := wire.ParseHeadline(r.Text); ok {
		m.begin(r, h)
	} else if e, ok := wire.ParseEnd(r.Text); ok && m.accepts(r, e.Boot) {
		m.end(r, e)
	} else if m.belongs(r) {
		r.Text = stripPrefix(r.Text)
		m.report(r)
	} else {
		m.ordinary(r)
	}
}

func (m *machine) begin(r *Record, h wire.Headline) {
	if m.crash != nil && m.crash.HasHeadline {
		if m.crash.Headline.Boot == h.Boot {
			m.ordinary(r)
			return
		}
		m.closeCrash()
	}
	if m.crash == nil {
		m.crash = m.newCrash(r)
	}
	c := m.crash
	c.Headline, c.HasHeadline, c.first = h, true, r.Seq
	if c.Received == 0 {
		m.table.sink.CrashBegin(c)
	}
	m.report(r)
}

// accepts says whether an end record closes the report that is open, or one of which nothing else
// has come.
func (m *machine) accepts(r *Record, boot [16]byte) bool {
	if c := m.crash; c != nil {
		return !c.HasEnd && c.Extended == r.Extended && (!c.HasHeadline || c.Headline.Boot == boot && r.Seq >= c.first)
	}
	return !m.concluded
}

func (m *machine) end(r *Record, e wire.End) {
	c := m.headless(r)
	c.End, c.HasEnd, c.last = e, true, r.Seq
	m.report(r)
}

// belongs says whether r is of a report.
func (m *machine) belongs(r *Record) bool {
	prefixed := bytes.HasPrefix(r.Text, []byte(wire.ReportPrefix))
	c := m.crash
	switch {
	case c == nil:
		return prefixed && !m.concluded
	case c.Extended != r.Extended:
		return false
	case !r.Extended || !c.HasHeadline:
		return prefixed
	}
	return r.Seq >= c.first && (!c.HasEnd || r.Seq <= c.last)
}

// headless returns the open report, or opens one without a headline.
func (m *machine) headless(r *Record) *Crash {
	if m.crash == nil {
		m.crash = m.newCrash(r)
		m.table.sink.CrashBegin(m.crash)
	}
	return m.crash
}

func (m *machine) newCrash(r *Record) *Crash {
	return &Crash{From: m.from, Extended: r.Extended, Began: r.At, Before: m.before.list(), got: spans{max: maxGaps}}
}

// report adds r to the report.
func (m *machine) report(r *Record) {
	c := m.headless(r)
	r.Report = true
	c.Last = r.At
	if !r.Extended || c.got.add(Span{r.Seq, r.Seq}) {
		c.Received++
	}
	if r.Damaged {
		c.Damaged++
	}
	m.table.sink.Record(r)
	m.table.sink.CrashRecord(c, r)
	if c.judge(); c.Complete {
		m.closeCrash()
	}
}

// ordinary hands on a record that is not of a report; what was logged before the crash and sent
// after the headline is shown with it.
func (m *machine) ordinary(r *Record) {
	m.table.sink.Record(r)
	m.before.add(r)
	c := m.crash
	if c == nil || !c.HasHeadline || c.Extended != r.Extended {
		return
	}
	if r.Extended && r.Seq < c.first || !r.Extended && c.Received == 1 {
		c.Last = r.At
		m.table.sink.CrashRecord(c, r)
	}
}

func (m *machine) closeCrash() {
	c := m.crash
	m.crash = nil
	m.concluded = true
	c.judge()
	if c.Extended && (c.HasHeadline || c.HasEnd) && len(c.got.runs) > 0 {
		c.Missing = c.got.holes(c.span())
	}
	m.table.sink.CrashEnd(c)
}

// judge sets Complete and MissingRecords.
func (c *Crash) judge() {
	switch {
	case c.HasEnd:
		c.MissingRecords = c.End.Records - min(c.End.Records, c.Received)
	case c.Extended && c.HasHeadline:
		c.MissingRecords = c.span().Last - c.first + 1 - min(c.span().Last-c.first+1, c.Received)
	}
	c.Complete = c.HasHeadline && c.HasEnd && c.Damaged == 0 && c.End.Lost == 0 && c.Received == c.End.Records &&
		(!c.Extended || len(c.got.runs) == 1 && c.got.runs[0] == Span{c.first, c.last} && c.last-c.first+1 == c.End.Records)
}

// span is the numbers of the report as far as they are known.
func (c *Crash) span() Span {
	runs := c.got.runs
	s := Span{runs[0].First, runs[len(runs)-1].Last}
	if c.HasHeadline {
		s.First = min(c.first, s.Last)
	} else if c.HasEnd && c.End.Records > 0 && c.End.Records <= c.last {
		s.First = min(s.First, c.last-c.End.Records+1)
	}
	return s
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
