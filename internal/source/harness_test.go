package source

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

var (
	start  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	sender = netip.MustParseAddrPort("10.0.2.15:6665")
	bootA  = [16]byte([]byte("0123456789abcdef"))
	bootB  = [16]byte([]byte("fedcba9876543210"))
)

// journal is a Sink that writes down what it is told.
type journal struct {
	lines   []string
	seqs    []uint64 // of the records, in order
	missing map[uint64]bool
	late    int
	crashes []Crash // as they were closed
	report  []string
	raw     []string // datagrams of reports
	// repeated counts headlines that came again; know, if not nil, is asked whether a report is
	// known already.
	repeated int
	know     func(*Crash) bool
}

func (j *journal) Record(r *Record) {
	line := string(r.Text)
	if r.Extended {
		line = fmt.Sprintf("%d %s", r.Seq, r.Text)
	}
	for mark, set := range map[string]bool{" (late)": r.Late, " (damaged)": r.Damaged} {
		if set {
			line += mark
		}
	}
	if r.Late {
		j.late++
		delete(j.missing, r.Seq)
	}
	j.seqs = append(j.seqs, r.Seq)
	j.lines = append(j.lines, line)
}

func (j *journal) Note(n *Note) {
	if n.Kind == Reboot {
		j.lines = append(j.lines, "reboot")
		return
	}
	j.lines = append(j.lines, n.Text())
	if n.Kind != Missing {
		return
	}
	if j.missing == nil {
		j.missing = make(map[uint64]bool)
	}
	for seq := n.First; seq <= n.Last && seq-n.First < 1e6; seq++ {
		j.missing[seq] = true
	}
}

func (j *journal) CrashBegin(c *Crash) {
	j.report = nil
	c.Known = j.know != nil && j.know(c)
}

func (j *journal) CrashRecord(_ *Crash, r *Record) { j.report = append(j.report, string(r.Text)) }

func (j *journal) CrashDatagram(c *Crash, d *Datagram) { j.raw = append(j.raw, string(d.Data)) }

func (j *journal) Repeated(*Crash, time.Time) { j.repeated++ }

func (j *journal) CrashEnd(c *Crash) {
	j.crashes = append(j.crashes, *c)
	j.lines = append(j.lines, [...]string{"crash report ", "report ", "kept crash report "}[c.Form]+c.Verdict())
}

// feed gives datagrams to a new table, each a millisecond after the one before, then lets the time
// pass until nothing waits.
func feed(t *testing.T, datagrams ...string) *journal {
	t.Helper()
	j := new(journal)
	table := NewTable(j, Options{})
	now := start
	for _, d := range datagrams {
		now = now.Add(time.Millisecond)
		table.Tick(now)
		table.Datagram(&Datagram{At: now, From: sender, Data: []byte(d), Size: len(d)})
	}
	settle(t, table, now)
	return j
}

func settle(t *testing.T, table *Table, now time.Time) {
	t.Helper()
	for end := now.Add(3 * time.Minute); table.Waiting() && now.Before(end); {
		now = now.Add(10 * time.Millisecond)
		table.Tick(now)
	}
	if table.Waiting() {
		t.Error("something still waits after three minutes")
	}
	checkMemory(t, table)
}

// checkMemory checks what is accounted for against what is kept.
func checkMemory(t *testing.T, table *Table) {
	t.Helper()
	used := map[*budget]int{}
	check := func(m *machine, base int) {
		t.Helper()
		want := base + len(m.order.recent.seen)*traceSize + len(m.lines.text)
		for i := range m.before.records {
			want += recordOverhead + cap(m.before.records[i].Text)
		}
		for _, c := range m.slots() {
			if c != nil {
				want += c.weight
			}
		}
		for _, h := range m.order.held {
			if h.record != nil {
				want += h.record.size()
			}
		}
		for _, p := range m.fragments.partial {
			want += recordOverhead + p.got + len(p.pieces)*pieceOverhead
		}
		if m.session != nil {
			for _, p := range m.session.sequence.ahead {
				want += placeSize
				if p.record != nil {
					want += p.record.size()
				}
			}
		}
		if m.used != want {
			t.Errorf("%s has %d bytes and %d are accounted for", m.from.Host(), want, m.used)
		}
		used[m.budget] += m.used
	}
	for _, m := range table.sources.machines {
		check(m, baseSize)
	}
	for e := table.devices.sessions.Front(); e != nil; e = e.Next() {
		check(e.Value.(*session).machine, sessionSize)
	}
	for _, b := range []*budget{&table.sources.fresh.budget, &table.sources.settled.budget, &table.devices.budget} {
		if b.size-b.left != used[b] {
			t.Errorf("%d bytes of a budget are used, %d by machines", b.size-b.left, used[b])
		}
	}
}

func extended(level uint8, seq uint64, text string) string {
	return string(wire.AppendExtended(nil, &wire.Record{Level: level, Seq: seq, Time: 1_000_000 + seq*1000, Text: []byte(text)}))
}

func basic(seq uint64, text string) string {
	return string(wire.AppendBasic(nil, &wire.Record{Time: 1_000_000 + seq*1000, Text: []byte(text)}))
}

func fragmentsOf(message string) (datagrams []string) {
	for pos := 0; ; {
		d, ok := wire.NextExtended(nil, []byte(message), &pos)
		if !ok {
			return datagrams
		}
		datagrams = append(datagrams, string(d))
	}
}

func expect(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s: shown was\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
