package netlog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// fourTargets are of all kinds.
func fourTargets() []Target {
	first, second, third, fourth := target(), target(), target(), target()
	basic(&second)
	second.Dest = netip.MustParseAddr("10.0.2.3")
	six(&third)
	third.Release = true
	fourth.VLAN, fourth.Port = 42, 7777
	basic(&fourth)
	return []Target{first, second, third, fourth}
}

// only is what of a device's frames goes to a target.
func (d *fakeDevice) only(t *testing.T, to Target) *fakeDevice {
	t.Helper()
	view := new(fakeDevice)
	for _, f := range d.frames {
		if s, ok := openSent(t, f); ok && s.dest == netip.AddrPortFrom(to.Dest, to.Port) && s.vlan == to.VLAN {
			view.frames = append(view.frames, f)
		}
	}
	return view
}

// severalUp is a logger with several targets. What Start says is gone.
func severalUp(t *testing.T, targets []Target) (*Logger, *fakeDevice, *fakeClock) {
	t.Helper()
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	l.SetRegisterNames(registerNames)
	if err := l.StartAll(d, targets, Options{Boot: bootID, BuildID: "beef"}); err != nil {
		t.Fatal(err)
	}
	d.frames = nil
	return l, d, c
}

// TestEveryTargetGetsWhatItAloneWould: each has its format, its headers, and all messages.
func TestEveryTargetGetsWhatItAloneWould(t *testing.T) {
	texts := []string{"x", "two\nlines", strings.Repeat("long ", 180), strings.Repeat("\n", 600), strings.Repeat("\x01", 900), "last"}
	log := func(l *Logger) {
		for _, text := range texts {
			l.Log(Info, text)
		}
	}
	targets := fourTargets()
	l, d, _ := severalUp(t, targets)
	log(l)
	if s := l.Stats(); s.Sent != s.Records || s.Missed != 0 || s.Dropped != 0 {
		t.Errorf("stats are %+v", s)
	}
	total := 0
	for i, to := range targets {
		alone, e, _ := machineUp(t, 0, func(t *Target) { *t = to })
		log(alone)
		got := d.only(t, to)
		total += len(got.frames)
		if want := e.payloads(t); !slices.Equal(wire2text(got.payloads(t)), wire2text(want)) {
			t.Errorf("target %d gets %q, want %q", i, got.payloads(t), want)
		}
		for _, f := range got.frames {
			if s, _ := openSent(t, f); s.station != hostMAC || s.source.Addr() != to.Source {
				t.Errorf("target %d gets a frame from %v, by % x", i, s.source, s.station)
			}
		}
	}
	if total != len(d.frames) {
		t.Errorf("%d of %d frames go to a target", total, len(d.frames))
	}
}

// wire2text is messages without their times.
func wire2text(messages []string) (out []string) {
	for _, m := range messages {
		head, text, extended := strings.Cut(m, ";")
		fields := strings.Split(head, ",")
		if extended && len(fields) > 3 {
			at := len(fields) - 2
			for i, f := range fields {
				if f == "-" || f == "c" {
					at = i - 1
					break
				}
			}
			fields[at] = "time"
			m = strings.Join(fields, ",") + ";" + text
		} else if strings.HasPrefix(m, "[") {
			lines := strings.Split(m, "\n")
			for i := range lines {
				if _, rest, ok := strings.Cut(lines[i], "] "); ok {
					lines[i] = rest
				}
			}
			m = strings.Join(lines, "\n")
		}
		out = append(out, m)
	}
	return out
}

// Wherever the device refuses, every target gets every record once.
func TestRefusedFramesOfSeveralTargets(t *testing.T) {
	for at := range 12 {
		l, d, _ := severalUp(t, fourTargets())
		left := at
		refuse := func() error {
			if left--; left < 0 && left > -3 {
				return errRefused
			}
			return nil
		}
		d.onCommit = refuse
		l.Log(Info, "one")
		l.Log(Info, strings.Repeat("\x01", 900))
		l.Log(Info, "three")
		d.onCommit = nil
		l.Poll()
		for i, to := range fourTargets() {
			got := d.only(t, to).payloads(t)
			want := 6
			if !to.Extended {
				want = 3
			}
			joined := strings.Join(got, "")
			if len(got) != want || strings.Count(joined, "one\n") != 1 || strings.Count(joined, "three\n") != 1 {
				t.Errorf("refused at %d: target %d gets %d datagrams %q", at, i, len(got), got)
			}
		}
	}
}

// A target whose station is not known is waited for three requests long; then it misses what the others get, and is told.
func TestTargetThatIsNotThereDoesNotHoldUpTheOthers(t *testing.T) {
	targets := fourTargets()[:3]
	targets[1].HasMAC, targets[2].HasMAC = false, false
	l, d, c := severalUp(t, targets)
	d.incoming = append(d.incoming, ndpPacket(136, 0x60, hostIP6, ourIP6, hostIP6, 2, hostMAC))
	l.Log(Info, "one")
	l.Poll()
	if got := d.payloadsOf(t, targets); got != [3]int{} {
		t.Fatalf("at once %v records are sent", got)
	}
	for range 3 {
		c.pass(2 * time.Second)
		l.Poll()
	}
	l.Log(Info, "two")
	got := d.payloadsOf(t, targets)
	if got[0] < 3 || got[2] != got[0] || got[1] != 0 || l.Stats().Resolved {
		t.Fatalf("after six seconds %v records are sent", got)
	}
	if s := l.Stats(); s.Missed != uint64(got[0]) || s.Sent != s.Records || s.Dropped != 0 {
		t.Errorf("stats are %+v", s)
	}
	d.incoming = append(d.incoming, arpReply(hostMAC, targets[1].Dest.AsSlice()))
	l.Poll()
	l.Log(Info, "three")
	late := d.only(t, targets[1]).payloads(t)
	if len(late) == 0 || !strings.HasPrefix(late[0], fmt.Sprintf("** %d printk messages dropped **\n[", got[0])) || !strings.HasSuffix(late[len(late)-1], "] three\n") {
		t.Errorf("the late one gets %q", late)
	}
	if strings.Count(strings.Join(late, ""), "dropped") != 1 {
		t.Errorf("the late one is told more than once: %q", late)
	}
}

func (d *fakeDevice) payloadsOf(t *testing.T, targets []Target) (n [3]int) {
	for i, to := range targets {
		n[i] = len(d.only(t, to).frames)
	}
	return n
}

func TestNobodyThereIsWaitedFor(t *testing.T) {
	targets := fourTargets()[:2]
	targets[0].HasMAC, targets[1].HasMAC = false, false
	l, d, c := severalUp(t, targets)
	for range 10 {
		l.Log(Info, "kept")
		c.pass(10 * time.Second)
		l.Poll()
	}
	if s := l.Stats(); s.Sent != 0 || s.Missed != 0 {
		t.Errorf("stats are %+v", s)
	}
	d.incoming = append(d.incoming, arpReply(hostMAC, hostIP.AsSlice()))
	l.Poll()
	if got := d.only(t, targets[0]).texts(t); len(got) < 11 || got[0] != "netconsole: sending to 10.0.2.2 from 10.0.2.15, 10.0.2.3 from 10.0.2.15" {
		t.Errorf("the first gets %q", got)
	}
}

func TestBurstForSeveralThatAreNotThereGoesOutByBroadcast(t *testing.T) {
	targets := fourTargets()[:2]
	targets[1].HasMAC = false
	l, d, _ := severalUp(t, targets)
	for i := range burst {
		l.Log(Info, burstLine(i))
	}
	s := l.Stats()
	if s.Dropped != 0 || s.Missed != 0 {
		t.Errorf("stats are %+v", s)
	}
	for i, to := range targets {
		frames := d.only(t, to).frames
		if uint64(len(frames)) != s.Sent {
			t.Errorf("target %d gets %d of %d", i, len(frames), s.Sent)
		}
		if st := [6]byte(frames[0]); (st == broadcast) != (i == 1) {
			t.Errorf("target %d gets them by % x", i, st)
		}
	}
}

func crashWithLines(l *Logger, lines int) {
	l.Crash(fault())
	l.Console([]byte(strings.Repeat("a line\n", lines)))
	l.End()
}

func TestCrashReachesEveryTarget(t *testing.T) {
	targets := fourTargets()
	l, d, c := severalUp(t, targets)
	d.refuse = -1
	l.Log(Info, "before")
	d.refuse = 0
	crashWithLines(l, 50)
	for i, to := range targets {
		view := d.only(t, to)
		if to.Extended {
			if r := readReport(t, view); len(r.lines) != 50 || r.end.Lost != 0 || !slices.Contains(r.ordinary, "before") {
				t.Errorf("target %d: %d lines, end %+v, ordinary %q", i, len(r.lines), r.end, r.ordinary)
			}
		} else if got := view.payloads(t); len(got) != 53 || !strings.Contains(got[0], "gasp: crash "+bootID) || !strings.Contains(got[0], "r19=0x") || !strings.Contains(got[52], "52 records, 0 lost") {
			t.Errorf("target %d gets %q", i, got)
		}
	}
	d.frames = nil
	l.Poll()
	c.pass(2 * time.Second)
	l.Poll()
	for i, to := range targets {
		if n := len(d.only(t, to).frames); n != 1 {
			t.Errorf("target %d gets %d headlines again", i, n)
		}
	}
}

func TestCrashForTargetsThatAreNotThere(t *testing.T) {
	targets := fourTargets()[:3]
	targets[1].HasMAC = false                                                      // goes out by broadcast
	targets[2].HasMAC, targets[2].Dest = false, netip.MustParseAddr("2001:db8::1") // by a router that comes late
	l, d, c := New(0), new(fakeDevice), new(fakeClock)
	l.SetClock(c.now)
	if err := l.StartAll(d, targets, Options{Boot: bootID, Gateway6: netip.MustParseAddr("fe80::1")}); err != nil {
		t.Fatal(err)
	}
	crashWithLines(l, 20)
	if r := readReport(t, d.only(t, targets[0])); len(r.lines) != 20 {
		t.Errorf("the first gets %d lines", len(r.lines))
	}
	second := d.only(t, targets[1])
	if len(second.frames) < 22 || [6]byte(second.frames[0]) != broadcast {
		t.Errorf("the second gets %d frames", len(second.frames))
	}
	if n := len(d.only(t, targets[2]).frames); n != 0 {
		t.Errorf("the third gets %d frames", n)
	}
	before := len(d.frames)
	d.incoming = append(d.incoming, ndpPacket(136, 0x60, netip.MustParseAddr("fe80::1"), ourIP6, netip.MustParseAddr("fe80::1"), 2, hostMAC))
	l.Poll()
	if r := readReport(t, d.only(t, targets[2])); len(r.lines) != 20 || r.end.Lost != 0 {
		t.Errorf("the third gets %d lines late", len(r.lines))
	}
	for _, f := range d.frames[before:] {
		if s, ok := openSent(t, f); ok && s.dest.Addr() != targets[2].Dest {
			t.Errorf("%v gets it once more", s.dest)
		}
	}
}

func TestLastLevelReachesEveryTarget(t *testing.T) {
	for skip := range 4 {
		targets := fourTargets()
		l, d, _ := severalUp(t, targets)
		n := 0
		d.onTransmit = func(f []byte) {
			if s, _ := openSent(t, f); len(s.payload) > 600 {
				panic(faultPanic{})
			}
			if n++; n == skip {
				panic(faultPanic{})
			}
		}
		k := &kernel{t: t, l: l}
		k.step(func() { l.Crash(fault()) })
		d.onTransmit = nil
		for turn, i := range [...]int{0, 1, 3, 2} { // those of the same format stand together
			_, _, ok := lastFrameOf(t, d.only(t, targets[i]))
			if ok != (turn+1 != skip) {
				t.Errorf("fault with frame %d: target %d gets the last words: %v", skip, i, ok)
			}
		}
	}
}

// Whatever call of the device faults, every target has the whole report.
func TestFaultsInAReportForSeveralTargets(t *testing.T) {
	for at := range 60 {
		targets := fourTargets()[:3]
		l, d, _ := severalUp(t, targets)
		n := 0
		d.onTransmit = func([]byte) {
			if n++; n == at {
				panic(faultPanic{})
			}
		}
		k := &kernel{t: t, l: l}
		k.report(10)
		for _, i := range []int{0, 2} {
			m, ok := merge(t, d.only(t, targets[i]))
			if !ok || len(m.missing) != 0 || len(m.lines) < 10 {
				t.Errorf("fault at frame %d: target %d has %d lines, missing %v, complete %v", at, i, len(m.lines), m.missing, ok)
			}
		}
		if got := strings.Join(d.only(t, targets[1]).payloads(t), ""); !strings.Contains(got, "gasp: end of crash") || !strings.Contains(got, "line 9\n") {
			t.Errorf("fault at frame %d: the basic target gets %q", at, got)
		}
	}
}

// A switchboard is a device whose cable leads to several log hosts, each behind a path of its own.
type switchboard struct {
	fakeDevice
	hosts []*hostDevice
	seals map[uint64]string
}

func (b *switchboard) Receive(buf []byte) (int, error) {
	for _, h := range b.hosts {
		if n, err := h.Receive(buf); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// sealedToAll is a logger that seals for several log hosts.
func sealedToAll(t *testing.T, targets []Target, rate int) (*Logger, *switchboard, *fakeClock) {
	t.Helper()
	l, c := New(0), &fakeClock{ns: 1_000_000, step: int64(10 * time.Microsecond)}
	b := &switchboard{seals: map[uint64]string{}}
	for i, to := range targets {
		h := newHostDevice(t, c)
		h.to = to
		h.host.session[0] += byte(i)
		for j, p := range []*path{&h.there, &h.back} {
			p.rate, p.random = rate, seeded(uint64(2*i+j))
		}
		b.hosts = append(b.hosts, h)
	}
	b.cable = func(frame []byte) {
		s, ok := openSent(t, frame)
		if !ok {
			return
		}
		if h, err := wire.ParseSealedHeader(s.payload); err == nil {
			if old, again := b.seals[h.Number]; again && old != string(s.payload) {
				t.Errorf("number %d is used twice", h.Number)
			}
			b.seals[h.Number] = string(s.payload)
		} else {
			t.Errorf("something goes out that is not sealed")
		}
		for _, h := range b.hosts {
			if s.dest == netip.AddrPortFrom(h.to.Dest, h.to.Port) && s.vlan == h.to.VLAN {
				h.cable(frame)
			}
		}
	}
	l.SetClock(c.now)
	l.SetRegisterNames(registerNames)
	if err := l.StartAll(b, targets, Options{Key: &deviceKey, BootID: deviceBoot, Boot: bootID, BuildID: "beef", Heartbeat: 5 * time.Second}); err != nil {
		t.Fatal(err)
	}
	return l, b, c
}

// TestSeveralSealedTargets: the same datagrams go to all, each answers for itself and gets what it misses.
func TestSeveralSealedTargets(t *testing.T) {
	l, b, c := sealedToAll(t, fourTargets()[:3], 20)
	for i := range 2000 {
		l.Log(Info, fmt.Sprint("line ", i))
		pace(l, c)
	}
	run(t, l, c, func() bool { return l.Stats().Acked == l.Stats().Records })
	for _, h := range b.hosts {
		allThere(t, h.host, l, 2000)
	}
	crashWithLines(l, 200)
	run(t, l, c, func() bool {
		for _, h := range b.hosts {
			if _, ok := h.host.report(t); !ok || h.host.upto != l.ring.head.Load() {
				return false
			}
		}
		return true
	})
	for i, h := range b.hosts {
		if m, _ := h.host.report(t); len(m.lines) != 200 || len(m.missing) != 0 {
			t.Errorf("log host %d has %d lines, missing %v", i, len(m.lines), m.missing)
		}
	}
}

// A log host that does not answer does not keep anything from the others, nor make them answer all the time.
func TestSealedTargetThatDoesNotAnswer(t *testing.T) {
	for silent := range 2 {
		l, b, c := sealedToAll(t, fourTargets()[:2], 0)
		b.hosts[silent].host.silent = true
		other := b.hosts[1-silent]
		for i := range 2000 {
			l.Log(Info, fmt.Sprint("line ", i))
			pace(l, c)
		}
		run(t, l, c, func() bool { return l.Stats().Acked == l.Stats().Records })
		allThere(t, other.host, l, 2000)
		before, end := other.host.number, c.ns+int64(time.Minute)
		run(t, l, c, func() bool { return c.ns >= end-int64(5*time.Second) })
		if n := other.host.number - before; n > 120 {
			t.Errorf("in a minute without records it answers %d times", n)
		}
		start := c.ns
		crashWithLines(l, 100)
		if took := time.Duration(c.ns - start); took > 10*time.Second {
			t.Errorf("the report takes %v", took)
		}
		if m, ok := other.host.report(t); !ok || len(m.lines) != 100 || len(m.missing) != 0 {
			t.Errorf("the report has %d lines, missing %v, complete %v", len(m.lines), m.missing, ok)
		}
	}
}

// A log host that comes late gets what is still there.
func TestSealedTargetThatComesLate(t *testing.T) {
	l, b, c := sealedToAll(t, fourTargets()[:2], 0)
	b.hosts[1].host.silent = true
	for i := range 300 {
		l.Log(Info, fmt.Sprint("line ", i))
		c.pass(20 * time.Millisecond)
		l.Poll()
	}
	b.hosts[1].host.silent = false
	b.hosts[1].host.records, b.hosts[1].host.upto = map[uint64]wire.Record{}, 0
	b.hosts[1].host.session[5]++
	run(t, l, c, func() bool { return b.hosts[1].host.upto == l.ring.head.Load() })
	allThere(t, b.hosts[1].host, l, 300)
}

func TestNothingAllocatesWithSeveralTargets(t *testing.T) {
	l, d := New(0), new(silentDevice)
	l.SetClock(func() int64 { return int64(time.Since(start)) })
	if err := l.StartAll(d, fourTargets(), Options{}); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("long \x01\n", 500)
	for name, do := range map[string]func(){
		"Log": func() { l.Log(Info, "a line") }, "long": func() { l.Log(Info, long) }, "Poll": l.Poll, "Stats": func() { l.Stats() },
	} {
		if n := testing.AllocsPerRun(100, do); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestTooManyTargets(t *testing.T) {
	for want, targets := range map[error][]Target{
		ErrNoTarget: {},
		ErrTargets:  {target(), target(), target(), target(), target()},
		ErrTwice:    {target(), target()},
	} {
		if err := New(2).StartAll(new(fakeDevice), targets, Options{}); err != want {
			t.Errorf("%d targets: Start says %v, want %v", len(targets), err, want)
		}
	}
}
