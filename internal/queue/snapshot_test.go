package queue

import (
	"fmt"
	"testing"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// reader is a sink that reads all there is of a report.
type reader struct {
	teller
	seen map[uint64]int
}

func (s *reader) read(c *source.Crash) {
	s.seen[c.ID]++
	s.say(fmt.Sprint(c.ID, c.Boot(), c.Received, c.Verdict(), c.Missing, c.Numbered(), c.HasBoot(), c.Outcome(), len(c.Before)))
}

func (s *reader) CrashBegin(c *source.Crash)                        { s.read(c) }
func (s *reader) CrashRecord(c *source.Crash, _ *source.Record)     { s.read(c) }
func (s *reader) CrashDatagram(c *source.Crash, d *source.Datagram) { s.read(c) }
func (s *reader) Repeated(c *source.Crash, _ time.Time)             { s.read(c) }
func (s *reader) CrashEnd(c *source.Crash)                          { s.read(c) }

// The table changes its reports while the sink reads them: with -race, a snapshot that shares anything
// with them fails.
func TestSnapshotsShareNothingThatChanges(t *testing.T) {
	s := &reader{seen: make(map[uint64]int)}
	q := New(s, Options{Reports: true})
	table := source.NewTable(q, source.Options{})
	now := at
	hear := func(r wire.Record) {
		now = now.Add(time.Millisecond)
		r.Time = 1_000_000 + 1000*r.Seq
		d := wire.AppendExtended(nil, &r)
		table.Datagram(&source.Datagram{At: now, From: from.Addr, Data: d, Size: len(d)})
	}
	const lines = 400
	for n := range uint64(3) {
		boot := [16]byte(fmt.Appendf(nil, "%016d", n+1))
		first := 10_000 * n
		text := wire.AppendHeadline(nil, &wire.Headline{Boot: boot, Cause: []byte("oh"), Build: "ab"}, wire.HeadlineMax)
		hear(wire.Record{Seq: first, Text: text})
		for i := range uint64(lines) {
			// Every other one first, so that the runs of numbers change all the time.
			hear(wire.Record{Seq: first + 1 + 2*i%lines + 2*i/lines, Text: fmt.Append(nil, wire.ReportPrefix, "line ", i)})
			if i%10 == 0 {
				q.Flush(patience)
			}
		}
		hear(wire.Record{Seq: first + lines + 1, Text: wire.AppendEnd(nil, &wire.End{Boot: boot, Records: lines + 2})})
	}
	table.Flush(now.Add(time.Minute))
	q.Close(patience)
	if len(s.seen) != 3 || q.Lost() != 0 {
		t.Fatalf("reports are told apart as %v", s.seen)
	}
	for id, n := range s.seen {
		if id == 0 || n < lines {
			t.Errorf("report %d was told %d times", id, n)
		}
	}
}
