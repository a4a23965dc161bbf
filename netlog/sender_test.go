package netlog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBasicDatagramIsLinuxs(t *testing.T) {
	l, d, c := machineUp(t, 0, basic)
	c.ns = 12_345_678_000 - 1000
	l.Log(Info, "one\ntwo\n")
	want := []string{"[   12.345678] one\n[   12.345678] two\n"}
	if got := d.payloads(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	f := d.frames[0]
	if [6]byte(f[:6]) != hostMAC || [6]byte(f[6:12]) != ourMAC {
		t.Errorf("frame goes from % x to % x", f[6:12], f[:6])
	}
	if string(f[26:34]) != "\x0a\x00\x02\x0f\x0a\x00\x02\x02" || string(f[34:38]) != "\x1a\x09\x1a\x0a" {
		t.Errorf("addresses and ports are % x", f[26:38])
	}
}

func TestExtendedDatagramIsLinuxs(t *testing.T) {
	l, d, c := machineUp(t, 0, nil)
	c.ns = 5_000_000 - 1000
	l.Log(Warning, "a\tb")
	want := []string{`4,1,5000,-;a\x09b` + "\n"}
	if got := d.payloads(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestReleaseStandsInFront(t *testing.T) {
	l, d, _ := machineUp(t, 0, func(t *Target) { t.Release = true })
	l.Log(Info, strings.Repeat("\x01", TextSize))
	for _, p := range d.payloads(t) {
		if !strings.HasPrefix(p, "gasp,6,1,") {
			t.Errorf("datagram begins %.20q", p)
		}
	}
	if got := d.texts(t); len(got) != 1 || got[0] != strings.Repeat("\x01", TextSize) {
		t.Errorf("text did not survive: %q", got)
	}
}

func TestLongTextContinues(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	text := strings.Repeat("0123456789", 250)
	l.Log(Info, text)
	var got strings.Builder
	for i, r := range d.records(t) {
		if r.Cont != (i > 0) {
			t.Errorf("record %d: continuation is %v", i, r.Cont)
		}
		got.Write(r.Text)
	}
	if got.String() != text {
		t.Errorf("got %d bytes back, want %d", got.Len(), len(text))
	}
}

func TestWorstTextsFitTheBuffers(t *testing.T) {
	for _, change := range []func(*Target){nil, basic} {
		l, d, c := machineUp(t, 0, change)
		c.ns = 1<<63 - 1<<40
		for _, text := range []string{strings.Repeat("\n", TextSize), strings.Repeat("\xff", TextSize), ""} {
			if n := testing.AllocsPerRun(1, func() { l.store(Info, []byte(text), false) }); n != 0 {
				t.Errorf("storing allocates %v times", n)
			}
			d.frames = make([][]byte, 0, 100)
			s := &l.network
			for s.take(&l.ring, 8) {
				r := s.wireRecord(s.next.Load())
				r.Time = 1<<64 - 1
				r.Seq = 1<<64 - 1
				if n := testing.AllocsPerRun(1, func() { s.encode(&s.format, &r) }); n != 0 {
					t.Errorf("message of %d bytes outgrew its buffer", s.length)
				}
				s.handed()
			}
		}
	}
}

func TestRecordsFromBeforeStartGoOutFirst(t *testing.T) {
	l, d := New(0), new(fakeDevice)
	for i := range 10 {
		l.Log(Info, fmt.Sprint("early ", i))
	}
	if err := l.Start(d, target(), Options{}); err != nil {
		t.Fatal(err)
	}
	l.Log(Info, "late")
	got := d.texts(t)
	if len(got) != 12 || got[0] != "early 0" || got[9] != "early 9" || got[11] != "late" {
		t.Errorf("sent %q", got)
	}
}

func TestLevelHoldsBackAndIsTold(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	l.SetLevel(5)
	l.Log(Err, "a")
	l.Log(Notice, "held")
	l.Log(Info, "held")
	l.Log(Warning, "b")
	got := d.records(t)
	if len(got) != 2 || string(got[0].Text) != "a" || string(got[1].Text) != "b" || got[1].Skip != 2 {
		t.Errorf("sent %+v", got)
	}
}

func TestRefusedFrameIsSentAgainInOrder(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	d.refuse = 3
	l.Log(Info, "a")
	l.Log(Info, "b")
	if len(d.frames) != 0 {
		t.Fatalf("device has %d frames", len(d.frames))
	}
	l.Poll() // tries twice: once for itself, once for the records
	l.Poll()
	if got := d.texts(t); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("sent %q, want a and b", got)
	}
	if got := l.Stats().Errors; got != 3 {
		t.Errorf("%d errors counted, want 3", got)
	}
}

func TestRefusedFragmentDoesNotRepeatTheOnesBefore(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	n := 0
	d.onTransmit = func([]byte) {
		if n++; n == 3 {
			d.refuse = 1
		}
	}
	text := strings.Repeat("\x02", TextSize)
	l.Log(Info, text)
	l.Poll()
	if got := d.texts(t); !slices.Equal(got, []string{text}) {
		t.Errorf("got %d records back", len(got))
	}
}

func TestOverwrittenRecordsAreCountedAndTold(t *testing.T) {
	for _, test := range []struct {
		change func(*Target)
		first  string
	}{{nil, "6,18,"}, {basic, "** 17 printk messages dropped **\n"}} {
		l, d, _ := machineUp(t, 8, test.change)
		d.refuse = -1
		for i := range 25 {
			l.Log(Info, fmt.Sprint("line ", i))
		}
		d.refuse = 0
		l.Poll()
		got := d.payloads(t)
		if len(got) == 0 {
			t.Fatal("nothing sent")
		}
		if !strings.HasPrefix(got[0], test.first) {
			t.Errorf("sent %q", got)
		}
		if last := got[len(got)-1]; !strings.HasSuffix(last, "line 24\n") {
			t.Errorf("last is %q", last)
		}
		if n := l.Stats().Dropped; n != 17 {
			t.Errorf("%d counted as dropped, want 17", n)
		}
	}
}

func TestLogFromInsideTransmit(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	nested := 0
	d.onTransmit = func([]byte) {
		if nested++; nested <= 3 {
			l.Log(Err, fmt.Sprint("nested ", nested))
			l.Poll()
		}
	}
	l.Log(Info, "outer")
	want := []string{"outer", "nested 1", "nested 2", "nested 3"}
	if got := d.texts(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestWriterInterruptedByAnotherSendsWhenItCommits(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	seq, _ := l.ring.reserve()
	l.Log(Info, "from the interrupt")
	if len(d.frames) != 0 {
		t.Fatal("a record went out past one that is being written")
	}
	l.ring.fill(seq, 0, Info, false, []byte("interrupted"))
	l.ring.commit(seq)
	l.drain(drainMost, false)
	want := []string{"interrupted", "from the interrupt"}
	if got := d.texts(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestLinkDownKeepsRecordsAndSaysSoOnce(t *testing.T) {
	l, d, c := machineUp(t, 0, nil)
	d.down = true
	c.pass(time.Second)
	l.Poll()
	l.Log(Info, "kept")
	for range 5 {
		c.pass(time.Second)
		l.Poll()
	}
	if len(d.frames) != 0 {
		t.Fatalf("%d frames sent with the link down", len(d.frames))
	}
	d.down = false
	c.pass(time.Second)
	l.Poll()
	want := []string{sayLinkDown, "kept", sayLinkUp}
	if got := d.texts(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestDeviceThatNeverHasALink(t *testing.T) {
	l, d, c := New(0), &fakeDevice{down: true}, new(fakeClock)
	l.SetClock(c.now)
	var serial strings.Builder
	l.SetConsole(func(b []byte) { serial.Write(b) })
	if err := l.Start(d, target(), Options{}); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		c.pass(time.Second)
		l.Poll()
	}
	if n := strings.Count(serial.String(), sayLinkDown); n != 1 || len(d.frames) != 0 {
		t.Errorf("told %d times, %d frames: %q", n, len(d.frames), serial.String())
	}
}
