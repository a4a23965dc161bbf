package netlog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// rates are of a hundred frames lost, doubled and late.
var rates = []int{0, 1, 10, 30, 50}

func line(i int) string { return fmt.Sprintf("line %d %s", i, strings.Repeat(".", 80)) }

// Whatever the path does, the log host has every record in the end.
func TestSealedRecordsArriveWhateverThePathDoes(t *testing.T) {
	for _, rate := range rates {
		for seed := range uint64(5) {
			l, d, c := sealedUp(t, rate, seed, nil)
			const lines = 4000
			for i := range lines {
				l.Log(Info, line(i))
				pace(l, c)
			}
			run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
			allThere(t, d.host, l, lines)
			if s := l.Stats(); s.Dropped > 0 || rate == 0 && s.Repaired > 0 || rate > 0 && s.Repaired == 0 {
				t.Errorf("%d %%: %+v", rate, s)
			}
		}
	}
}

func TestSeveralSealedRecordsShareADatagram(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	run(t, l, c, func() bool { return d.host.upto > 0 })
	d.refuse = -1
	for i := range 100 {
		l.Log(Info, line(i))
	}
	d.refuse = 0
	from := d.sent
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	allThere(t, d.host, l, 100)
	if n := d.sent - from; n > 14 {
		t.Errorf("100 records took %d datagrams", n)
	}
}

// The first datagram says nothing and wants an answer; records follow the answer.
func TestHelloComesFirst(t *testing.T) {
	l, c := New(0), &fakeClock{ns: 1_000_000}
	d := newHostDevice(t, c)
	var all []seenDatagram
	d.host.seen = func(s seenDatagram) { all = append(all, s) }
	l.SetClock(c.now)
	l.Log(Info, "before")
	if err := l.Start(d, target(), Options{Key: &deviceKey, BootID: deviceBoot}); err != nil {
		t.Fatal(err)
	}
	if d.sent != 1 {
		t.Errorf("%d frames are sent at once, want the hello", d.sent)
	}
	run(t, l, c, func() bool { return len(d.host.records) == 2 })
	if hello := all[0]; len(hello.items) > 0 || !hello.status.Want || hello.status.Next != 0 || hello.status.Proof != [wire.BootSize]byte{} || hello.number != 1 {
		t.Errorf("the first datagram is %+v", hello)
	}
	if c.ns > int64(50*time.Millisecond) {
		t.Errorf("the first record took %v", time.Duration(c.ns))
	}
	for _, s := range all[1:] {
		if s.status.Proof != d.host.session {
			t.Errorf("datagram %d does not prove that the log host was heard", s.number)
		}
	}
}

// A log host that never answers gets the records after three seconds, or when the ring fills up.
func TestLogHostThatNeverAnswers(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	d.host.silent = true
	l.Log(Info, "a line")
	from := c.ns
	run(t, l, c, func() bool { return len(d.host.records) > 0 })
	if waited := time.Duration(c.ns - from); waited < helloPatience-100*time.Millisecond || waited > helloPatience+100*time.Millisecond {
		t.Errorf("the first record came after %v, want %v", waited, helloPatience)
	}
	for i := range 3000 {
		l.Log(Info, line(i))
	}
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	allThere(t, d.host, l, 3000)
	sent := d.sent
	for end := c.ns + int64(time.Minute); c.ns < end; c.pass(5 * time.Millisecond) {
		l.Poll()
	}
	if n := d.sent - sent; n < 50 || n > 70 {
		t.Errorf("%d datagrams in a minute of silence, want one a second", n)
	}
	if s := l.Stats(); s.Dropped > 0 || s.Repaired > 0 {
		t.Errorf("%+v", s)
	}

	l, d, _ = sealedUp(t, 0, 1, nil)
	d.host.silent = true
	for i := range 1000 {
		l.Log(Info, line(i))
	}
	d.Receive(make([]byte, receiveSize))
	if n := len(d.host.records); n == 0 || n > Records/2 {
		t.Errorf("%d records sent before the hello is answered, want those that the ring had no room for", n)
	}
}

// Records that the ring could not keep are told, each by its number.
func TestRecordsThatAreGoneAreTold(t *testing.T) {
	for seed := range uint64(10) {
		l, d, c := sealedUp(t, 0, seed, nil)
		run(t, l, c, func() bool { return d.host.upto > 0 })
		d.there.rate = 100
		for i := range 2500 {
			l.Log(Info, line(i))
		}
		sent := l.Stats().Sent
		d.there.rate = 20
		run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
		head := l.ring.head.Load()
		for n := range head {
			if _, there := d.host.records[n]; there == d.host.gone[n] {
				t.Fatalf("record %d: there is %v, gone is %v", n, there, d.host.gone[n])
			}
		}
		if want := head - Records - 1; uint64(len(d.host.gone)) != want || sent < 2450 {
			t.Errorf("%d of %d records are gone, want %d", len(d.host.gone), head, want)
		}
	}
}

// What a record's writer overtook is told as well: nobody ever sent those.
func TestRecordsThatWereNeverSentAreToldAsGone(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	run(t, l, c, func() bool { return d.host.upto > 0 })
	d.refuse = -1
	for i := range 2000 {
		l.Log(Info, line(i))
	}
	d.refuse = 0
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	if s := l.Stats(); uint64(len(d.host.gone)) != s.Dropped || s.Dropped != 2001-Records-2 { // one is with the log host, one was sealed already
		t.Errorf("%d are told as gone, %+v", len(d.host.gone), s)
	}
}

func TestRecordsThatTheLevelHoldsBackAreTold(t *testing.T) {
	for _, rate := range rates {
		l, d, c := sealedUp(t, rate, 3, nil)
		for i := range 3000 {
			level := Debug
			if i%7 == 0 {
				level = Info
			}
			l.Log(level, line(i))
			pace(l, c)
		}
		l.Log(Info, "the last one")
		run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
		if len(d.host.gone) > 0 {
			t.Errorf("%d %%: %d are told as gone", rate, len(d.host.gone))
		}
		debug := 0
		for n := range d.host.upto {
			if d.host.heldBack[n] {
				debug++
			}
		}
		if debug != 3000-429 {
			t.Errorf("%d %%: %d are told as held back", rate, debug)
		}
	}
}

// Held back without end, they take no datagram each.
func TestRecordsThatAreHeldBackTakeNoDatagrams(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	run(t, l, c, func() bool { return !l.awaits() && l.network.sealed.said.Load() == l.ring.head.Load() })
	sent := d.sent
	for i := range 5000 {
		l.Log(Debug, line(i))
		if l.outpaces() {
			t.Fatalf("goroutines wait for record %d, which is not sent", i)
		}
	}
	if d.sent != sent {
		t.Errorf("%d datagrams for what is held back", d.sent-sent)
	}
	l.Log(Info, "an end")
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	if len(d.host.heldBack) != 5000 || len(d.host.gone) > 0 {
		t.Errorf("%d held back, %d gone", len(d.host.heldBack), len(d.host.gone))
	}
}

func TestHeartbeat(t *testing.T) {
	for _, every := range []time.Duration{0, 300 * time.Millisecond, 5 * time.Second} {
		l, d, c := sealedUp(t, 0, 1, func(o *Options) { o.Heartbeat = every })
		run(t, l, c, func() bool { return !l.awaits() && d.host.upto == l.ring.head.Load() })
		var at []int64
		d.host.seen = func(s seenDatagram) {
			at = append(at, s.at)
			if len(s.items) > 0 || s.status.Want || s.status.Over || time.Duration(s.status.Heartbeat)*time.Second/10 != every {
				t.Errorf("a heartbeat is %+v", s)
			}
		}
		for end := c.ns + int64(30*time.Second); c.ns < end; c.pass(20 * time.Millisecond) {
			l.Poll()
		}
		if every == 0 {
			if len(at) > 0 {
				t.Errorf("%d datagrams of a machine that promises none", len(at))
			}
			continue
		}
		if n := int(30 * time.Second / every); len(at) < n*9/10-1 || len(at) > n+1 {
			t.Errorf("%d heartbeats in 30 s, one every %v", len(at), every)
		}
		for i := range at[1:] {
			if pause := time.Duration(at[i+1] - at[i]); pause > every+50*time.Millisecond {
				t.Errorf("%v between two heartbeats, want %v", pause, every)
			}
		}
	}
}

// A log host that has lost all it knew, its session too, is heard and gets all that the ring has.
func TestLogHostThatStartsAgain(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	for i := range 300 {
		l.Log(Info, line(i))
		pace(l, c)
	}
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	old := d.host
	d.host = newLogHost(t)
	d.host.session[0]++
	d.host.number = 7
	for i := range 300 {
		l.Log(Info, line(300+i))
		pace(l, c)
	}
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	allThere(t, d.host, l, 600)
	if len(old.records) != 301 {
		t.Errorf("the first one has %d records", len(old.records))
	}
}

func TestSealedStartRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"no boot id":              {Key: &deviceKey},
		"a heartbeat of a day":    {Key: &deviceKey, BootID: deviceBoot, Heartbeat: 24 * time.Hour},
		"a heartbeat of the past": {Key: &deviceKey, BootID: deviceBoot, Heartbeat: -1},
	} {
		l, d := New(0), new(fakeDevice)
		if err := l.Start(d, target(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
		l.Log(Info, "a line")
		l.Poll()
		if len(d.frames) > 0 {
			t.Errorf("%s: something was sent", name)
		}
	}
}

// No datagram of a sender with a key is anything but sealed, whatever happens to it.
func TestNothingGoesOutUnsealed(t *testing.T) {
	l, d, c := sealedUp(t, 10, 1, func(o *Options) { o.Level = 8 })
	l.SetKeep(make([]byte, 64<<10))
	for i := range 2000 {
		l.Log(Level(i%8), line(i))
	}
	l.Report(fault())
	l.Console([]byte("a line\n"))
	l.EndReport()
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	for range 100 {
		c.pass(linkPause)
		l.Poll()
	}
	if d.host.unsealed > 0 || d.host.forged > 0 || d.host.datagrams == 0 {
		t.Errorf("%d unsealed and %d strange datagrams", d.host.unsealed, d.host.forged)
	}
}

// Numbers of datagrams never come twice, or two would be sealed with the same nonce.
func TestNumbersOfDatagramsAreUnique(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	seen := map[uint64]string{}
	d.onTransmit = func(frame []byte) {
		h, err := wire.ParseSealedHeader(frame[plainHeaders:])
		if err != nil {
			return
		}
		if old, ok := seen[h.Number]; ok && old != string(frame[plainHeaders:]) {
			t.Errorf("number %d is used twice", h.Number)
		}
		seen[h.Number] = string(frame[plainHeaders:])
	}
	run(t, l, c, func() bool { return d.host.upto > 0 })
	for i := range 500 {
		if i%50 == 0 {
			d.refuse = 2
		}
		l.Log(Info, line(i))
		pace(l, c)
	}
	l.Crash(fault())
	for i := range 200 {
		l.Console([]byte(line(i) + "\n"))
	}
	l.End()
	for range 20 {
		c.pass(linkPause)
		l.Poll()
	}
	numbers := make([]uint64, 0, len(seen))
	for n := range seen {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	if i := slices.Index(numbers, wire.FirstCrashNumber); i < 0 || numbers[0] != 2 || numbers[i-1] != uint64(i+1) {
		t.Errorf("%d numbers from %d to %d", len(numbers), numbers[0], numbers[len(numbers)-1])
	}
}
