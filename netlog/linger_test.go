package netlog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

func TestHeadlineIsSentAgainWithGrowingPauses(t *testing.T) {
	l, d, c := readyToDie(t, nil)
	d.frames = nil
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	first := slices.Clone(d.frames[0][plainHeaders:])
	d.frames = nil
	start := c.ns
	var pauses []int
	last := start
	for c.ns-start < int64(330*time.Second) {
		c.pass(linkPause)
		n := len(d.frames)
		l.Poll()
		if len(d.frames) == n {
			continue
		}
		if got := d.frames[n][plainHeaders:]; !slices.Equal(got, first) {
			t.Fatalf("sent again as %q, first was %q", got, first)
		}
		pauses = append(pauses, int((c.ns-last+int64(time.Second/2))/int64(time.Second)))
		last = c.ns
	}
	if want := []int{1, 2, 4, 8, 16, 32, 64, 64, 64, 64}; !slices.Equal(pauses, want) {
		t.Errorf("pauses of %v seconds, want %v", pauses, want)
	}
}

// A report that went out while the link was down goes out again, whole, once.
func TestReportIsSentAgainWhenTheLinkComesBack(t *testing.T) {
	l, d, c := readyToDie(t, nil)
	l.Log(Info, "before")
	d.refuse = -1
	l.Log(Info, "backlog")
	d.refuse, d.down = 0, true
	c.step = int64(50 * time.Millisecond)
	l.Crash(fault())
	l.Console([]byte("line 0\nline 1\n"))
	l.End()
	d.frames = nil
	for range 30 {
		l.Poll()
	}
	if len(d.frames) != 0 {
		t.Errorf("sent %q with the link down", d.payloads(t))
	}
	d.down = false
	for range 10 {
		c.pass(linkPause)
		l.Poll()
	}
	m, ok := merge(t, d)
	if !ok || len(m.missing) > 0 || !slices.Equal(m.lines, []string{"line 0", "line 1"}) || !slices.Contains(m.ordinary, "backlog") {
		t.Errorf("sent again: %q, before %q, missing %v", m.lines, m.ordinary, m.missing)
	}
	if n := strings.Count(strings.Join(d.texts(t), "\n"), "line 0"); n != 1 {
		t.Errorf("sent again %d times, want once", n)
	}
}

func TestReportThatWasRefusedIsSentAgain(t *testing.T) {
	l, d, c := readyToDie(t, nil)
	d.frames, d.refuse = nil, -1
	l.Crash(fault())
	l.Console([]byte("line 0\n"))
	l.End()
	d.refuse = 0
	for range 10 {
		c.pass(linkPause)
		l.Poll()
	}
	if m, ok := merge(t, d); !ok || len(m.missing) > 0 || !slices.Contains(m.lines, "line 0") {
		t.Errorf("sent again: %q, missing %v", m.lines, m.missing)
	}
}

func TestGatewayThatAnswersAfterTheReport(t *testing.T) {
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	to := target()
	to.HasMAC, to.Dest = false, limitedBroadcast.Prev()
	if err := l.Start(d, to, Options{Gateway: hostIP, Boot: bootID}); err != nil {
		t.Fatal(err)
	}
	l.Crash(fault())
	l.Console([]byte("line 0\n"))
	l.End()
	d.answers = true
	for range 400 {
		c.pass(linkPause)
		l.Poll()
	}
	if m, ok := merge(t, d); !ok || len(m.missing) > 0 || !slices.Contains(m.lines, "line 0") {
		t.Errorf("sent after the answer: %q, missing %v", m.lines, m.missing)
	}
}

func TestWhatTheTakeoverLostIsTold(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	for range 5 {
		l.Log(Info, "in flight")
	}
	d.frames, d.lost = nil, 3
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	m, ok := merge(t, d)
	if want := []string{"network device: reset, 3 frames given to it before may be lost", "a line"}; !ok || !slices.Equal(m.lines, want) {
		t.Errorf("lines are %q, want %q", m.lines, want)
	}
	if len(m.ordinary) != 3 {
		t.Errorf("of the 3 records that may be lost were sent again: %q", m.ordinary)
	}

	l, d, _ = readyToDie(t, nil)
	d.frames = nil
	d.onTakeOver = func() error { return errRefused }
	l.Crash(fault())
	l.End()
	if m, ok := merge(t, d); !ok || !slices.Equal(m.lines, []string{"network device: cannot be taken over: " + errRefused.Error()}) {
		t.Errorf("lines are %q", m.lines)
	}
}

// A device that takes frames and does not let go of them is found out before the
// end record.
func TestDeviceThatDoesNotDrain(t *testing.T) {
	for name, format := range map[string]func(*Target){"extended": nil, "basic": basic} {
		l, d, _ := readyToDie(t, format)
		d.frames = nil
		l.Crash(fault())
		l.Console([]byte("line 0\nline 1\nline 2\n"))
		sent := len(d.frames)
		d.onFlush = func() error {
			d.onFlush = nil
			d.lost = 2
			d.frames = d.frames[:sent-2]
			return errRefused
		}
		l.End()
		got := d.payloads(t)
		end, _ := wire.ParseEnd(wire.ParseBasic([]byte(got[len(got)-1]), make([]byte, 1000)).Text)
		if name == "basic" {
			if end.Records != 6 || end.Lost != 2 {
				t.Errorf("basic: end is %+v, want 2 lost of 6", end)
			}
			continue
		}
		if m, ok := merge(t, d); !ok || len(m.missing) > 0 {
			t.Errorf("lines are %q, missing %v", m.lines, m.missing)
		}
	}
}
