package source

import (
	"bytes"
	"slices"
	"time"

	"gasp/netlog/wire"
)

// Crash is a report: while it comes in, and with its verdict when it is closed.
type Crash struct {
	// ID is a number that no other report of its table has, from 1 on.
	ID   uint64
	From Origin
	// Form is what the report is about: a crash, a crash that outlived a reset, or a machine that
	// goes on.
	Form wire.Form
	// Extended tells that the report's records came in the extended format.
	Extended bool
	// Headline is what the first record says, if HasHeadline.
	Headline    wire.Headline
	HasHeadline bool
	// Bare tells that all that came as a crash's headline is the frame of a sender whose report
	// failed, without details; Failed that such a frame came, be it beside a whole headline.
	Bare, Failed bool
	// End is what the last record says, if HasEnd.
	End    wire.End
	HasEnd bool
	// Began and Last are when its first and its last record so far were received.
	Began, Last time.Time
	// Before is the ordinary records that were received last before it began.
	Before []*Record

	// Received counts its records, headline and end included, a bare headline not.
	Received uint64
	// Damaged counts those of them of which fragments are missing.
	Damaged uint64
	// Repeats counts how often its headline came again.
	Repeats uint64
	// Missing is the numbers that did not come, where they follow each other; MissingRecords their
	// count, as far as the end record tells it. Both are valid when the report is closed.
	Missing        []Span
	MissingRecords uint64
	// Complete says that everything the sender had to say is here. Valid when it is closed.
	Complete bool
	// Reopened says that it was closed before, and that more of it came.
	Reopened bool

	// The rest is for the sink that stores the report. Folder is where it is, or FolderErr why it
	// is not stored.
	Folder    string
	FolderErr error
	// Known, set in CrashBegin, says that the report in Folder tells all this one can: its records
	// are not handed on. Worse, set in CrashEnd, says that the one in Folder tells more, and that
	// this one was dropped. Replaced is the folder of one that told less.
	Known, Worse bool
	Replaced     string

	closed      bool
	first, last uint64 // numbers of headline and end
	got         spans
	weight      int // what is accounted for it, in bytes
	damaged     []uint64
	time        uint64    // the sender's, of its first record
	newest      uint64    // and of the last one received
	heard       time.Time // when the headline came last
	hash        uint32    // of the headline
	resends     bool      // the headline came behind other records
}

// size is about what the report takes in memory, in bytes.
func (c *Crash) size() int {
	const runSize, numberSize = 16, 8
	size := recordOverhead + len(c.got.runs)*runSize + len(c.damaged)*numberSize
	for _, r := range c.Before {
		size += r.size()
	}
	return size
}

// maxGaps is how many gaps of a report are told apart; more make it incomplete anyway. As many
// damaged records can be mended.
const maxGaps = 4096

// noBoot stands for the boot of a sender that has no random number.
var noBoot = [16]byte([]byte("0000000000000000"))

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

// HasBoot says whether the report's boot is known and can be told from others.
func (c *Crash) HasBoot() bool { return c.Boot() != "" && c.Boot() != string(noBoot[:]) }

// Numbered says whether the report's numbers follow each other, so that the missing ones are known.
func (c *Crash) Numbered() bool { return c.Extended && c.Form == wire.Crash }

// open says whether a report waits for more.
func (c *Crash) open() bool { return c != nil && !c.closed }

// anchored says whether the number of the headline is known.
func (c *Crash) anchored() bool { return c.HasHeadline && !c.Bare }

// same says whether h is the headline of this report, come again.
func (c *Crash) same(r *Record, h *wire.Headline) bool {
	if !c.HasHeadline || c.Extended != r.Extended || h.Form != c.Form || h.Boot != c.Headline.Boot {
		return false
	}
	return h.Boot != noBoot || c.Bare || bare(r) || hash(r.Text) == c.hash
}

// awaits says whether h can be the headline of this report, which came without one.
func (c *Crash) awaits(r *Record, h *wire.Headline) bool {
	if c.HasHeadline || c.Extended != r.Extended || c.HasEnd && c.End.Boot != h.Boot || r.Time > c.time {
		return false
	}
	return !c.Numbered() || len(c.got.runs) == 0 || r.Seq < c.got.runs[0].First
}

// bare says whether a headline says less than one usually does: no details, or not what happened.
func bare(r *Record) bool {
	return !bytes.Contains(r.Text, []byte("\ngasp: at ")) || bytes.Contains(r.Text, []byte(": "+wire.FailedCause))
}

// setHeadline takes the headline that r is.
func (c *Crash) setHeadline(r *Record, h wire.Headline) {
	failed := h.Form == wire.Crash && bare(r)
	c.Failed = c.Failed || failed
	c.Headline, c.HasHeadline, c.Bare = h, true, failed
	c.resends = c.resends || c.Received > 0
	c.heard, c.hash, c.time = r.At, hash(r.Text), r.Time
	c.first = r.Seq
	r.Headline = true
}

// spans says whether a number is one of the report's, as far as both its ends are known.
func (c *Crash) spans(seq uint64) bool {
	switch {
	case c.anchored():
		return seq >= c.first && (!c.HasEnd || seq <= c.last)
	case c.HasEnd:
		return seq <= c.last && c.last-seq < c.End.Records
	}
	return c.got.has(seq)
}

// count takes r into account. It returns false if r was there already.
func (c *Crash) count(r *Record) bool {
	c.Last = r.At
	if r.Headline && c.Bare {
		return true
	}
	if !c.HasHeadline && (c.Received == 0 || r.Time < c.time) {
		c.time = r.Time
	}
	c.newest = max(c.newest, r.Time)
	switch {
	case !c.Numbered():
		c.Received++
	case c.got.has(r.Seq):
		i := slices.Index(c.damaged, r.Seq)
		if i < 0 || r.Damaged {
			return false
		}
		c.damaged = slices.Delete(c.damaged, i, i+1)
		c.Damaged--
	case c.got.add(Span{r.Seq, r.Seq}):
		c.Received++
	}
	if r.Damaged {
		c.Damaged++
		if len(c.damaged) < maxGaps {
			c.damaged = append(c.damaged, r.Seq)
		}
	}
	return true
}

// judge sets Complete and MissingRecords.
func (c *Crash) judge() {
	c.MissingRecords = 0
	switch {
	case c.HasEnd:
		c.MissingRecords = c.End.Records - min(c.End.Records, c.Received)
	case c.Numbered() && c.anchored():
		c.MissingRecords = c.span().Last - c.first + 1 - min(c.span().Last-c.first+1, c.Received)
	}
	c.Complete = c.anchored() && c.HasEnd && c.Damaged == 0 && c.End.Lost == 0 && c.Received == c.End.Records &&
		(!c.Numbered() || len(c.got.runs) == 1 && c.got.runs[0] == Span{c.first, c.last} && c.last-c.first+1 == c.End.Records)
}

// close judges the report for its sinks.
func (c *Crash) close() {
	c.closed = true
	c.judge()
	c.Missing = nil
	if c.Numbered() && (c.anchored() || c.HasEnd) && len(c.got.runs) > 0 {
		c.Missing = c.got.holes(c.span())
	}
}

// span is the numbers of the report as far as they are known.
func (c *Crash) span() Span {
	runs := c.got.runs
	s := Span{runs[0].First, runs[len(runs)-1].Last}
	if c.anchored() {
		s.First = min(c.first, s.Last)
	} else if c.HasEnd && c.End.Records > 0 && c.End.Records <= c.last {
		s.First = min(s.First, c.last-c.End.Records+1)
	}
	return s
}
