package netlog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const burst = 10_000

func burstLine(i int) string { return fmt.Sprintf("line %08d of %08d", i, burst) }

// stations tells the MACs that UDP frames went to, each change once.
func (d *fakeDevice) stations() (out [][6]byte) {
	for _, f := range d.frames {
		if mac := [6]byte(f[:6]); f[12] == 8 && f[13] == 0 && (len(out) == 0 || out[len(out)-1] != mac) {
			out = append(out, mac)
		}
	}
	return out
}

// burstRecords checks that what was sent is the records from the first one on,
// in order, with one Notice among them, and returns how many there are.
func burstRecords(t *testing.T, d *fakeDevice) int {
	t.Helper()
	notices, line := 0, 0
	got := d.records(t)
	for i, r := range got {
		text := string(r.Text)
		switch {
		case r.Seq != uint64(i):
			t.Fatalf("record %d is sent as number %d", r.Seq, i)
		case text == sayByAll+"10.0.2.2":
			if notices++; Level(r.Level) != Notice {
				t.Errorf("the notice has level %d", r.Level)
			}
		case strings.HasPrefix(text, "line"):
			if text != burstLine(line) {
				t.Fatalf("sent %q, want line %d", text, line)
			}
			line++
		}
	}
	if notices != 1 {
		t.Errorf("broadcast is told %d times, want once", notices)
	}
	return len(got)
}

func TestBurstBeforeARPIsAnsweredIsComplete(t *testing.T) {
	l, d, _ := machineUp(t, 0, unresolved)
	for i := range burst {
		l.Log(Info, burstLine(i))
		if i == burst/2 {
			d.incoming = append(d.incoming, arpReply(hostMAC, hostIP.AsSlice()))
			l.Poll()
		}
	}
	s := l.Stats()
	if n := burstRecords(t, d); uint64(n) != s.Records || s.Dropped != 0 {
		t.Errorf("%d of %d records sent, %d dropped", n, s.Records, s.Dropped)
	}
	if got := d.stations(); !slices.Equal(got, [][6]byte{broadcast, hostMAC}) {
		t.Errorf("frames go to % x, want broadcast, then the answer's", got)
	}
}

func TestBurstWithoutAnAnswerGoesOutByBroadcastButForThreeQuartersOfTheRing(t *testing.T) {
	l, d, _ := machineUp(t, 0, unresolved)
	for i := range burst {
		l.Log(Info, burstLine(i))
		l.Poll()
	}
	s := l.Stats()
	if n, want := burstRecords(t, d), s.Records-Records/4*3; uint64(n) != want || s.Dropped != 0 {
		t.Errorf("%d records sent, %d dropped, want %d and none", n, s.Dropped, want)
	}
	if got := d.stations(); !slices.Equal(got, [][6]byte{broadcast}) {
		t.Errorf("frames go to % x, want broadcast", got)
	}
}

func TestNothingIsBroadcastWhileTheRingHasRoom(t *testing.T) {
	l, d, _ := machineUp(t, 0, unresolved)
	l.SetLevel(int(Warning) + 1)
	for range 100 {
		l.Log(Warning, "kept")
		for range 50 {
			l.Log(Info, "held back by the level")
		}
	}
	// Those held back at the front count as handed on, those between as backlog.
	if n := len(d.payloads(t)); n == 0 || n >= 100 {
		t.Errorf("%d records sent, want those that the ring has no room for", n)
	}
	l, d, _ = machineUp(t, 0, unresolved)
	for i := range Records / 2 {
		l.Log(Info, burstLine(i))
	}
	if n := len(d.payloads(t)); n != 0 {
		t.Errorf("%d records sent, want none", n)
	}
	for range burst {
		l.Log(Debug, "held back by the level")
	}
	if got := d.texts(t); len(got) != Records/2+2 || slices.Contains(got, "held back by the level") {
		t.Errorf("sent %d records, want the %d that had to make room", len(got), Records/2+2)
	}
}

func TestBurstWithTheLinkDownIsKeptAndCounted(t *testing.T) {
	l, d, c := machineUp(t, 0, unresolved)
	d.down = true
	c.pass(linkPause)
	l.Poll()
	for i := range burst {
		l.Log(Info, burstLine(i))
	}
	if n := len(d.payloads(t)); n != 0 {
		t.Errorf("%d records sent with the link down", n)
	}
	d.down, d.answers = false, true
	c.pass(linkPause)
	l.Poll()
	l.Poll()
	s := l.Stats()
	if s.Sent+s.Dropped != s.Records || s.Dropped != s.Records-s.Sent || s.Sent < Records-2 {
		t.Errorf("stats are %+v", s)
	}
}

func TestBurstForAGatewayThatDoesNotAnswerIsKeptAndCounted(t *testing.T) {
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	to := target()
	to.HasMAC, to.Dest = false, netip.MustParseAddr("192.0.2.9")
	if err := l.Start(d, to, Options{Gateway: hostIP}); err != nil {
		t.Fatal(err)
	}
	for i := range burst {
		l.Log(Info, burstLine(i))
	}
	if n := len(d.payloads(t)); n != 0 {
		t.Fatalf("%d records sent to nobody", n)
	}
	d.incoming = append(d.incoming, arpReply(hostMAC, hostIP.AsSlice()))
	l.Poll()
	got := d.texts(t)
	if s := l.Stats(); len(got) != Records || got[len(got)-1] != burstLine(burst-1) || s.Dropped != s.Records-Records {
		t.Errorf("%d records sent, the last one %q, stats %+v", len(got), got[len(got)-1], s)
	}
}

func TestEveryUnresolvedPeriodIsToldOnce(t *testing.T) {
	l, d, _ := readyToDie(t, unresolved)
	for i := range burst {
		l.Log(Info, burstLine(i))
	}
	l.Crash(fault())
	l.End()
	r := readReport(t, d)
	said := func(text string) bool { return text == sayByAll+"10.0.2.2" }
	if !slices.ContainsFunc(r.ordinary, said) || slices.ContainsFunc(r.lines, said) || len(r.ordinary) != burst+2 {
		t.Errorf("%d records and the report's lines %q", len(r.ordinary), r.lines)
	}
	l, d, _ = readyToDie(t, unresolved)
	l.Crash(fault())
	l.End()
	if r := readReport(t, d); len(r.ordinary) != 2 || !said(r.ordinary[1]) || r.headline.Last != 1 {
		t.Errorf("ordinary records %q, headline's last %d", r.ordinary, r.headline.Last)
	}
}
