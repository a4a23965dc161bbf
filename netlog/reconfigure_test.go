package netlog

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

func otherTarget() Target {
	to := target()
	six(&to)
	tagged(&to)
	to.DestMAC = [6]byte{2, 0, 0, 0, 0, 9}
	return to
}

func TestReconfigureSendsElsewhere(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	l.Log(Info, "one")
	d.refuse = -1
	l.Log(Info, "waits")
	l.Log(Info, strings.Repeat("\x01", 900))
	d.refuse = 0
	to := otherTarget()
	if err := l.Reconfigure([]Target{to}, Options{Level: 8, Drop: true}); err != nil {
		t.Fatal(err)
	}
	if l.hasty.Load() != 1 {
		t.Error("goroutines wait")
	}
	l.Log(Debug, "two")
	if got := d.only(t, target()).texts(t); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the first gets %q", got)
	}
	got := d.only(t, to).records(t)
	if len(got) != 4 || string(got[0].Text) != "waits" || len(got[1].Text) != 900 || string(got[3].Text) != "two" ||
		string(got[2].Text) != "netconsole: sending to fd00::12:3456 from fd00::f in VLAN 42" || got[0].Seq != 2 || got[3].Seq != 5 {
		t.Errorf("the second gets %d records", len(got))
	}
	for _, f := range d.frames {
		if s, ok := openSent(t, f); ok && s.dest.Addr() == to.Dest && s.station != to.DestMAC {
			t.Errorf("a frame goes by % x", s.station)
		}
	}
}

// A message of which a part was sent goes to the new target whole.
func TestReconfigureInTheMiddleOfAMessage(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	left := 2
	d.onCommit = func() error {
		if left--; left < 0 {
			return errRefused
		}
		return nil
	}
	text := strings.Repeat("\x01", 900)
	l.Log(Info, text)
	d.onCommit = nil
	to := otherTarget()
	if err := l.Reconfigure([]Target{to}, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := d.only(t, to).texts(t); len(got) != 2 || got[0] != text {
		t.Errorf("it gets %d records", len(got))
	}
}

// Neighbors are asked for anew, and an answer of the one before is no answer.
func TestReconfigureAsksForTheNewStation(t *testing.T) {
	l, d, c := machineUp(t, 0, unresolved)
	c.pass(10 * time.Second)
	l.Poll()
	l.Log(Info, "kept")
	to := target()
	to.HasMAC, to.Dest = false, netip.MustParseAddr("10.0.2.9")
	if err := l.Reconfigure([]Target{to}, Options{}); err != nil {
		t.Fatal(err)
	}
	if n := d.arpRequestsFor(to.Dest); n != 1 {
		t.Errorf("%d requests for the new one", n)
	}
	d.incoming = append(d.incoming, arpReply(hostMAC, hostIP.AsSlice()))
	l.Poll()
	if l.Stats().Resolved {
		t.Error("the old one's answer is taken")
	}
	d.incoming = append(d.incoming, arpReply(hostMAC, to.Dest.AsSlice()))
	l.Poll()
	if got := d.only(t, to).texts(t); len(got) < 2 || !slices.Contains(got, "kept") {
		t.Errorf("the new one gets %q", got)
	}
}

func (d *fakeDevice) arpRequestsFor(a netip.Addr) (n int) {
	for _, f := range d.frames {
		if f[12] == 8 && f[13] == 6 && f[21] == 1 && [4]byte(f[38:]) == a.As4() {
			n++
		}
	}
	return n
}

// Losses are told to the target that is there when they happen, once.
func TestReconfigureTellsLossesOnce(t *testing.T) {
	for name, change := range map[string]func(*Target){"basic": basic, "extended": func(*Target) {}} {
		l, d, _ := machineUp(t, 8, change)
		lose := func(n int) {
			d.refuse = -1
			for range 8 + n {
				l.Log(Info, "x")
			}
			d.refuse = 0
		}
		lose(5)
		l.Poll()
		to := otherTarget()
		basic(&to)
		if err := l.Reconfigure([]Target{to}, Options{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(d.only(t, to).payloads(t), ""); strings.Contains(got, "dropped") {
			t.Errorf("from %s: the new one is told of the old one's losses: %q", name, got)
		}
		lose(3)
		l.Poll()
		if got := strings.Join(d.only(t, to).payloads(t), ""); strings.Count(got, "** 3 printk messages dropped **") != 1 {
			t.Errorf("from %s: the new one is told %q", name, got)
		}
	}
}

func TestReconfigureRefuses(t *testing.T) {
	if err := New(2).Reconfigure([]Target{target()}, Options{}); !errors.Is(err, ErrNotStarted) {
		t.Errorf("before Start it says %v", err)
	}
	l, d, _ := machineUp(t, 0, nil)
	far := target()
	far.Dest, far.HasMAC = netip.MustParseAddr("192.0.2.1"), false
	wrong := target()
	wrong.Device = "eth7"
	for _, tt := range []struct {
		want    error
		targets []Target
		o       Options
	}{
		{ErrNoTarget, nil, Options{}},
		{ErrTargets, make([]Target, 5), Options{}},
		{ErrOffLink, []Target{target(), far}, Options{}},
		{ErrDevice, []Target{wrong}, Options{}},
		{ErrIdentity, []Target{target()}, Options{Boot: bootID}},
		{ErrIdentity, []Target{target()}, Options{BuildID: "beef"}},
		{ErrIdentity, []Target{target()}, Options{Key: &deviceKey}},
		{ErrIdentity, []Target{target()}, Options{BootID: deviceBoot}},
		{ErrHeartbeat, []Target{target()}, Options{Heartbeat: -1}},
	} {
		if err := l.Reconfigure(tt.targets, tt.o); !errors.Is(err, tt.want) {
			t.Errorf("it says %v, want %v", err, tt.want)
		}
	}
	l.Log(Info, "x")
	if got := d.only(t, target()).texts(t); !slices.Equal(got, []string{"x"}) {
		t.Errorf("sent %q", got)
	}
	l.Crash(fault())
	if err := l.Reconfigure([]Target{target()}, Options{}); !errors.Is(err, ErrDying) {
		t.Errorf("in a crash it says %v", err)
	}
}

func TestConfigurationIsWhatWasGiven(t *testing.T) {
	l, d, _ := sealedUp(t, 0, 1, nil)
	targets, o := l.Configuration()
	if len(targets) != 1 || targets[0] != target() || o.Heartbeat != 5*time.Second || o.Key != nil || o.Boot != "" {
		t.Errorf("it is %+v, %+v", targets, o)
	}
	targets[0].Dest = netip.MustParseAddr("10.0.2.9")
	if now, _ := l.Configuration(); now[0].Dest == targets[0].Dest {
		t.Error("changing what was returned changes the configuration")
	}
	if err := l.Reconfigure(targets, o); err != nil {
		t.Fatal(err)
	}
	if now, _ := l.Configuration(); now[0] != targets[0] {
		t.Errorf("it is %+v", now)
	}
	_ = d
}

// TestReconfigureSealed: key, boot and the count of datagrams go on, and the new log host gets all that is still there.
func TestReconfigureSealed(t *testing.T) {
	first, second := target(), otherTarget()
	l, b, c := sealedToAll(t, []Target{first}, 10)
	h := newHostDevice(t, c)
	h.to = second
	h.host.session[7]++
	h.there.random, h.back.random, h.there.rate, h.back.rate = seeded(7), seeded(8), 10, 10
	b.hosts = append(b.hosts, h)
	lines := 0
	more := func(n int) {
		for range n {
			l.Log(Info, fmt.Sprint("line ", lines))
			lines++
			pace(l, c)
		}
	}
	more(500)
	for range 5 {
		targets, o := l.Configuration()
		targets[0], second = second, targets[0]
		if err := l.Reconfigure(targets, o); err != nil {
			t.Fatal(err)
		}
		more(100)
		run(t, l, c, func() bool { return l.Stats().Acked == l.Stats().Records })
	}
	allThere(t, h.host, l, lines)
	l.Crash(fault())
	l.Console([]byte(strings.Repeat("a line\n", 100)))
	l.End()
	run(t, l, c, func() bool { _, ok := h.host.report(t); return ok && h.host.upto == l.ring.head.Load() })
	if m, _ := h.host.report(t); len(m.lines) != 100 || len(m.missing) != 0 {
		t.Errorf("the report has %d lines, missing %v", len(m.lines), m.missing)
	}
}

// mixed is the sender's memory as it is after so many bytes of the new one were written.
func mixed(l *Logger, before, after []byte, n int) {
	copy(destinationMemory(l), append(slices.Clone(after[:n]), before[n:]...))
}

// destinationMemory is where the sender has its destinations.
func destinationMemory(l *Logger) []byte {
	s := &l.network
	start, end := unsafe.Pointer(&s.destination), unsafe.Pointer(&s.state)
	return unsafe.Slice((*byte)(start), uintptr(end)-uintptr(start))
}

// TestCrashAtAnyInstructionOfReconfigure: the configuration is half the old and half the new one; the report
// is whole, at the new target.
func TestCrashAtAnyInstructionOfReconfigure(t *testing.T) {
	size := len(destinationMemory(New(2)))
	cuts := []int{0, 1, size - 1, size}
	for n := 0; n < size; n += 7 {
		if n < int(unsafe.Sizeof(destination{})) || n%13 == 0 {
			cuts = append(cuts, n)
		}
	}
	for _, seal := range []bool{false, true} {
		for i, cut := range cuts {
			if seal && i%8 != 0 {
				continue
			}
			if l, d, host := halfReconfigured(t, seal, cut); seal {
				crashWithLines(l, 5)
				if m, ok := host.report(t); !ok || len(m.lines) != 5 || len(m.missing) != 0 {
					t.Fatalf("sealed, cut after %d of %d bytes: %d lines, missing %v", cut, size, len(m.lines), m.missing)
				}
			} else {
				crashWithLines(l, 5)
				if r := readReport(t, d.only(t, otherTarget())); len(r.lines) != 5 || r.end.Lost != 0 || !slices.Contains(r.ordinary, "waits") {
					t.Fatalf("cut after %d of %d bytes: %d lines, end %+v, ordinary %q", cut, size, len(r.lines), r.end, r.ordinary)
				}
			}
		}
	}
}

func halfReconfigured(t *testing.T, seal bool, cut int) (*Logger, *fakeDevice, *logHost) {
	t.Helper()
	var l *Logger
	var d *fakeDevice
	var host *logHost
	to := otherTarget()
	if seal {
		logger, b, c := sealedToAll(t, []Target{target()}, 0)
		h := newHostDevice(t, c)
		h.to = to
		h.there.random, h.back.random = seeded(1), seeded(2)
		b.hosts = append(b.hosts, h)
		l, d, host = logger, &b.fakeDevice, h.host
		run(t, l, c, func() bool { return l.Stats().Acked > 0 })
	} else {
		l, d, _ = readyToDie(t, nil)
		d.refuse = -1
		l.Log(Info, "waits")
		d.refuse, d.frames = 0, nil
	}
	s := &l.network
	s.busy.Store(1) // as Reconfigure does
	routes, err := check([]Target{to}, &Options{}, ourMAC)
	if err != nil {
		t.Fatal(err)
	}
	s.plan.make([]Target{to}, routes, &Options{}, ourMAC, l.crash.bootID(), &l.block)
	s.plan.now = l.now()
	before := slices.Clone(destinationMemory(l))
	s.planned.Store(1)
	l.follow(&s.plan)
	after := slices.Clone(destinationMemory(l))
	mixed(l, before, after, cut)
	return l, d, host
}

// TestCrashFromInsideReconfigure: it interrupts it wherever it calls somebody.
func TestCrashFromInsideReconfigure(t *testing.T) {
	for at := range 12 {
		l, d, c := readyToDie(t, nil)
		d.frames = nil
		n, died := 0, false
		l.SetClock(func() int64 {
			if n++; n == at && !died {
				died = true
				panic(faultPanic{})
			}
			return c.now()
		})
		k := &kernel{t: t, l: l}
		n = 0
		k.try(func() { l.Reconfigure([]Target{otherTarget()}, Options{}) })
		l.SetClock(c.now)
		crashWithLines(l, 5)
		old, other := d.only(t, target()), d.only(t, otherTarget())
		if len(old.frames) == 0 {
			old = other
		} else if len(other.frames) != 0 {
			t.Errorf("died at look %d at the clock: both targets get something", at)
		}
		// The record that was being made then is lost, which is a line more.
		if r := readReport(t, old); len(r.lines) > 6 || r.lines[len(r.lines)-1] != "a line" || r.end.Lost != 0 {
			t.Errorf("died at look %d at the clock: %d lines, end %+v", at, len(r.lines), r.end)
		}
	}
}

// TestReconfigureWhileOthersLog: every record arrives once, at one of the targets, and in order at each.
func TestReconfigureWhileOthersLog(t *testing.T) {
	const writers, lines = 4, 200
	l, d, _ := machineUp(t, 0, nil)
	l.SetClock(nil)
	configurations := [][]Target{{target()}, {otherTarget()}, {target(), otherTarget()}, {otherTarget(), target()}}
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range lines {
				l.Log(Info, fmt.Sprint(w, " ", i))
				l.Stats()
			}
		})
	}
	for i := range 50 {
		if err := l.Reconfigure(configurations[i%len(configurations)], Options{}); err != nil {
			t.Error(err)
		}
	}
	wait.Wait()
	l.Poll()
	seen := map[string]bool{}
	for _, to := range []Target{target(), otherTarget()} {
		last := map[uint64]bool{}
		next := uint64(0)
		for _, r := range d.only(t, to).records(t) {
			if last[r.Seq] || r.Seq < next {
				t.Fatalf("record %d comes twice or late", r.Seq)
			}
			last[r.Seq], next = true, r.Seq+1
			seen[string(r.Text)] = true
		}
	}
	for w := range writers {
		for i := range lines {
			if !seen[fmt.Sprint(w, " ", i)] {
				t.Fatalf("line %d of writer %d is missing", i, w)
			}
		}
	}
}
