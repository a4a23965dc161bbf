package netlog

import (
	"bytes"
	"crypto/cipher"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"gasp/netlog/wire"
)

func reportLines(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("report line %d", i))
	}
	return lines
}

// wholeReport checks that the log host has the report, every line of it.
func wholeReport(t *testing.T, h *logHost, lines []string) {
	t.Helper()
	m, ok := h.report(t)
	if !ok || len(m.missing) > 0 || !slices.Equal(m.lines, lines) || len(h.gone) > 0 || h.forged > 0 || h.unsealed > 0 {
		t.Errorf("headline and end %v, missing %v, %d of %d lines: %.500q; %d gone", ok, m.missing, len(m.lines), len(lines), m.lines, len(h.gone))
	}
	if h.upto <= m.first || !h.status.Over {
		t.Errorf("the log host knows up to %d, the report begins with %d; over %v", h.upto, m.first, h.status.Over)
	}
}

// The report is whole before End returns, or soon after, whatever the path does.
func TestSealedReportArrivesWhateverThePathDoes(t *testing.T) {
	for _, rate := range rates {
		atOnce := 0
		const seeds = 30
		for seed := range uint64(seeds) {
			l, d, c := sealedUp(t, rate, seed, nil)
			for i := range 300 {
				l.Log(Info, line(i))
				pace(l, c)
			}
			lines := reportLines(200)
			l.Crash(fault())
			for _, line := range lines {
				l.Console([]byte(line + "\n"))
			}
			from := c.ns
			l.End()
			if took := time.Duration(c.ns - from); took > repairWait+100*time.Millisecond {
				t.Errorf("%d %%: the end took %v", rate, took)
			}
			if d.host.upto == l.ring.head.Load() {
				atOnce++
			}
			run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
			wholeReport(t, d.host, lines)
			allThere(t, d.host, l, 300)
			if !d.host.status.Dying {
				t.Error("nothing says that the machine is dying")
			}
		}
		if rate < 50 && atOnce < seeds || atOnce < seeds*9/10 {
			t.Errorf("%d %%: %d of %d reports were whole when End returned", rate, atOnce, seeds)
		}
	}
}

// Nobody answers: the report is whole all the same if nothing is lost, and takes few datagrams.
func TestSealedReportForALogHostThatNeverAnswers(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	d.host.silent = true
	run(t, l, c, func() bool { return d.host.upto > 0 })
	d.refuse = -1
	for i := range 300 {
		l.Log(Info, line(i))
	}
	d.refuse = 0
	sent, first := d.sent, true
	d.onTransmit = func(frame []byte) {
		if first && len(frame) < plainHeaders+400 {
			t.Errorf("the first frame has %d bytes", len(frame))
		}
		first = false
	}
	l.Crash(fault())
	lines := reportLines(100)
	for _, line := range lines {
		l.Console([]byte(line + "\n"))
	}
	if l.network.next.Load()+40 < l.ring.head.Load() {
		t.Errorf("%d lines wait for more", l.ring.head.Load()-l.network.next.Load())
	}
	from := c.ns
	l.End()
	if took := time.Duration(c.ns - from); took < unansweredWait || took > unansweredWait+20*time.Millisecond {
		t.Errorf("the end took %v, want %v", took, unansweredWait)
	}
	d.Receive(make([]byte, receiveSize))
	c.pass(time.Second)
	d.Receive(make([]byte, receiveSize))
	wholeReport(t, d.host, lines)
	allThere(t, d.host, l, 300)
	if n := d.sent - sent; n > 45 {
		t.Errorf("300 records and a report of 102 took %d datagrams", n)
	}
	d.onTransmit = nil
	sent = d.sent
	for end := c.ns + int64(time.Minute); c.ns < end; c.pass(40 * time.Millisecond) {
		l.Poll()
	}
	if n := d.sent - sent; n < 50 || n > 90 {
		t.Errorf("%d datagrams in the minute after it", n)
	}
}

// A machine that dies in its first second, in which its network card is deaf, waits for the first answer.
func TestSealedReportOfAMachineThatDiesYoung(t *testing.T) {
	l, d, c := sealedUp(t, 0, 1, nil)
	d.back.rate = 100
	from := c.ns
	l.SetClock(func() int64 {
		if now := c.now(); now-from < int64(time.Second) {
			return now
		}
		d.back.rate = 0
		return c.now()
	})
	l.Log(Info, line(0))
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	if took := time.Duration(c.ns - from); took > helloPatience {
		t.Errorf("the end came after %v", took)
	}
	wholeReport(t, d.host, []string{"a line"})
	allThere(t, d.host, l, 1)
}

// The headline is the first datagram of the crash path, alone, with the first of its numbers.
func TestSealedHeadlineComesFirst(t *testing.T) {
	l, d, c := believing(t)
	d.refuse = -1
	for i := range 100 {
		l.Log(Info, line(i))
	}
	d.refuse = 0
	var all []seenDatagram
	d.host.seen = func(s seenDatagram) { all = append(all, s) }
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	first := all[0]
	if len(first.items) != 1 || first.items[0].Kind != wire.ItemRecord || first.number != wire.FirstCrashNumber || !first.status.Dying || first.status.Over {
		t.Fatalf("the first datagram is %+v", first)
	}
	h, ok := wire.ParseHeadline(first.items[0].Record.Text)
	if !ok || h.Unsent != 100 || len(h.Registers) != 20 || h.PC != 0x401234 || first.items[0].Record.Seq != h.Last+1 {
		t.Errorf("headline is %+v", h)
	}
	for _, s := range all {
		ends := slices.ContainsFunc(s.items, func(i wire.Item) bool { _, ok := wire.ParseEnd(i.Record.Text); return ok })
		if ends && !s.status.Over || !s.status.Dying || s.status.Over && s.status.Next != l.ring.head.Load() {
			t.Errorf("datagram %x: %+v, the end in it: %v", s.number, s.status, ends)
		}
	}
}

// Whatever is under way when the machine dies, and however much of it gets lost, everything arrives.
func TestSealedCrashAtEveryStage(t *testing.T) {
	stages := map[string]func(l *Logger, d *hostDevice, c *fakeClock){
		"before the hello is answered": func(l *Logger, d *hostDevice, c *fakeClock) {},
		"with records in flight": func(l *Logger, d *hostDevice, c *fakeClock) {
			for i := range 50 {
				l.Log(Info, line(i))
			}
			c.pass(10 * time.Millisecond)
			l.Poll()
		},
		"while it is sending": func(l *Logger, d *hostDevice, c *fakeClock) {
			c.pass(10 * time.Millisecond)
			l.Poll()
			l.network.busy.Store(1)
			l.Log(Info, "behind the sender")
		},
		"with a datagram that is sealed": func(l *Logger, d *hostDevice, c *fakeClock) {
			c.pass(10 * time.Millisecond)
			l.Poll()
			d.refuse = 1
			l.Log(Info, "sealed and refused")
			l.network.busy.Store(1)
		},
		"with a record half written": func(l *Logger, d *hostDevice, c *fakeClock) {
			l.ring.reserve()
			l.Log(Info, "behind it")
		},
		"in the middle of an answer": func(l *Logger, d *hostDevice, c *fakeClock) {
			c.pass(10 * time.Millisecond)
			l.Poll()
			a := &l.network.answers
			a.torn, a.newest.Number, a.newest.Runs, a.newest.Heard = true, 1<<60, 99, ^uint64(0)
			l.network.busy.Store(1)
		},
		"with a full ring": func(l *Logger, d *hostDevice, c *fakeClock) {
			for i := range Records - 1 {
				l.store(Info, []byte(line(i)), false)
			}
		},
		"with a device that loses what it was given": func(l *Logger, d *hostDevice, c *fakeClock) {
			c.pass(10 * time.Millisecond)
			l.Poll()
			c.pass(10 * time.Millisecond)
			l.Poll()
			queue := d.there.queue
			for i := range 20 {
				l.Log(Info, line(i))
			}
			d.there.queue, d.lost = queue, 20
		},
		"with the link down": func(l *Logger, d *hostDevice, c *fakeClock) {
			d.down = true
			c.step = int64(50 * time.Millisecond)
		},
	}
	for name, prepare := range stages {
		for _, rate := range rates {
			for seed := range uint64(3) {
				l, d, c := sealedUp(t, rate, seed, nil)
				prepare(l, d, c)
				l.Crash(fault())
				lines := reportLines(60)
				for _, line := range lines {
					l.Console([]byte(line + "\n"))
				}
				l.End()
				d.down, c.step = false, int64(10*time.Microsecond)
				run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
				m, ok := d.host.report(t)
				if !ok || len(m.missing) > 0 || len(m.lines) < len(lines) || !slices.Equal(m.lines[len(m.lines)-len(lines):], lines) {
					t.Errorf("%s, %d %%: missing %v, lines %q", name, rate, m.missing, m.lines)
				}
				most := 0
				switch name {
				case "with a full ring":
					most = 63 // what the report took the place of
				case "with a record half written":
					most = 1
				}
				if len(d.host.gone) > most {
					t.Errorf("%s, %d %%: %d are gone, want %d at the most", name, rate, len(d.host.gone), most)
				}
			}
		}
	}
}

// A report that outgrows the ring waits for a log host that answers.
func TestSealedReportThatOutgrowsTheRing(t *testing.T) {
	for _, rate := range rates {
		l, d, c := sealedUp(t, rate, 1, nil)
		if rate != 30 { // dies before it has heard the log host
			run(t, l, c, func() bool { return d.host.upto > 0 })
		}
		lines := reportLines(3000)
		l.Crash(fault())
		for _, line := range lines {
			l.Console([]byte(line + "\n"))
		}
		l.End()
		run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
		wholeReport(t, d.host, lines)
	}
}

// One that was away in the middle of it gets what the ring still has, and the rest as before.
func TestSealedReportForALogHostThatComesBack(t *testing.T) {
	l, d, c := sealedUp(t, 10, 1, nil)
	run(t, l, c, func() bool { return d.host.upto > 0 })
	lines := reportLines(6000)
	l.Crash(fault())
	for i, line := range lines {
		if i == 1000 {
			d.there.rate, d.back.rate = 100, 100
		}
		if i == 3000 {
			d.there.rate, d.back.rate = 10, 10
		}
		l.Console([]byte(line + "\n"))
	}
	l.End()
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	if n := len(d.host.gone); n == 0 || n > 3000 {
		t.Errorf("%d records are gone", n)
	}
	for n := range d.host.gone {
		if n > d.host.upto-2500 {
			t.Errorf("record %d is gone, of %d", n, d.host.upto)
		}
	}
}

func TestSealedReportForALogHostThatHasGone(t *testing.T) {
	l, d, c := believing(t)
	d.there.rate, d.back.rate = 100, 100
	l.Crash(fault())
	from := c.ns
	for _, line := range reportLines(3000) {
		l.Console([]byte(line + "\n"))
	}
	l.End()
	if took := time.Duration(c.ns - from); took > repairWait+answerStale+500*time.Millisecond {
		t.Errorf("the report took %v", took)
	}
}

// A faultyAEAD faults in one of its calls.
type faultyAEAD struct {
	cipher.AEAD
	strike func()
	after  bool
}

func (f *faultyAEAD) Seal(dst, nonce, plaintext, additional []byte) []byte {
	if !f.after {
		f.strike()
	}
	out := f.AEAD.Seal(dst, nonce, plaintext, additional)
	if f.after {
		f.strike()
	}
	return out
}

func (f *faultyAEAD) Open(dst, nonce, ciphertext, additional []byte) ([]byte, error) {
	f.strike()
	return f.AEAD.Open(dst, nonce, ciphertext, additional)
}

// spoil makes one direction of the logger's sealer fault.
func spoil(l *Logger, direction string, strike func(), after bool) {
	field := reflect.ValueOf(l.network.sealed.sealer).Elem().FieldByName(direction)
	aead := (*cipher.AEAD)(unsafe.Pointer(field.UnsafeAddr()))
	*aead = &faultyAEAD{AEAD: *aead, strike: strike, after: after}
}

// Whatever call faults, once or twice, of the device, the clock or the sealing itself: the report is whole.
func TestFaultInAnyCallOfASealedReport(t *testing.T) {
	for _, rate := range []int{0, 20} {
		for times := 1; times <= 2; times++ {
			for at := 1; at <= 25; at++ {
				for _, call := range []string{"transmit", "take over", "flush", "clock", "seal", "sealed", "open"} {
					l, d, c := sealedUp(t, rate, uint64(at), nil)
					run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
					d.refuse = -1
					for i := range 4 {
						l.Log(Info, fmt.Sprint("before ", i))
					}
					d.refuse = 0
					n := 0
					strike := func() {
						if !l.Crashed() {
							return
						}
						if n++; n >= at && n < at+times {
							panic(faultPanic{})
						}
					}
					switch call {
					case "transmit":
						d.onTransmit = func([]byte) { strike() }
					case "take over":
						d.onTakeOver = func() error { strike(); return nil }
					case "flush":
						d.onFlush = func() error { strike(); return nil }
					case "clock":
						l.SetClock(func() int64 { strike(); return c.now() })
					case "seal", "sealed":
						spoil(l, "records", strike, call == "sealed")
					case "open":
						spoil(l, "answers", strike, false)
					}
					k := &kernel{t: t, l: l}
					k.report(50)
					for range 400 {
						c.pass(10 * time.Millisecond)
						k.step(l.Poll)
					}
					m, ok := d.host.report(t)
					var lines []string
					for _, line := range m.lines {
						if strings.HasPrefix(line, "line ") {
							lines = append(lines, line)
						}
					}
					if !ok || len(m.missing) > 0 || len(lines) != 50 {
						t.Errorf("%d %%, %s %d, %d times: headline and end %v, missing %v, %d lines, last words %q", rate, call, at, times, ok, m.missing, len(lines), d.host.last)
						continue
					}
					if len(m.ordinary) < 5 {
						t.Errorf("%d %%, %s %d, %d times: of before only %q", rate, call, at, times, m.ordinary)
					}
				}
			}
		}
	}
}

// If nothing can be sealed any more, the frame that was sealed before goes out, and the log host believes it.
func TestSealedLastLevel(t *testing.T) {
	for name, known := range map[string]bool{"after an answer": true, "before one": false} {
		l, d, c := sealedUp(t, 0, 1, nil)
		if known {
			run(t, l, c, func() bool { return d.host.upto > 0 })
		}
		spoil(l, "records", func() { panic(faultPanic{}) }, false)
		k := &kernel{t: t, l: l}
		var last seenDatagram
		d.host.seen = func(s seenDatagram) { last = s }
		k.report(50)
		c.pass(10 * time.Millisecond)
		d.Receive(make([]byte, receiveSize))
		if last.number != wire.LastNumber || !last.status.Dying || (last.status.Proof == d.host.session) != known || len(last.items) != 1 {
			t.Errorf("%s: the last datagram is %+v", name, last)
			continue
		}
		h, ok := wire.ParseHeadline(last.items[0].Record.Text)
		if !ok || last.items[0].Kind != wire.ItemLastWords || string(h.Cause) != wire.FailedCause || string(h.Boot[:]) != bootID || h.Build != "beef" || h.HasPC || h.HasLast {
			t.Errorf("%s: the last words are %q", name, last.items[0].Record.Text)
		}
		if known != (len(d.host.last) == 1) {
			t.Errorf("%s: the log host believes %q", name, d.host.last)
		}
	}
}

// A machine that ends as ordered says so behind its report, until that is heard, three times at the most.
func TestEndAsOrdered(t *testing.T) {
	for _, answers := range []bool{true, false} {
		l, d, c := believing(t)
		l.EndAsOrdered()
		l.Crash(&Cause{Text: []byte("exit status 0")})
		l.End()
		d.Receive(make([]byte, receiveSize))
		d.host.silent = !answers
		var all []seenDatagram
		d.host.seen = func(s seenDatagram) { all = append(all, s) }
		from := c.ns
		l.EndAsOrdered()
		took := time.Duration(c.ns - from)
		c.pass(time.Millisecond)
		d.Receive(make([]byte, receiveSize))
		want := 1
		if !answers {
			want = overTries
		}
		if len(all) < want || len(all) > overTries || took > overTries*overWait+10*time.Millisecond {
			t.Errorf("answers %v: %d datagrams in %v", answers, len(all), took)
		}
		for _, s := range all {
			if !s.status.Over || s.status.Dying || len(s.items) > 0 {
				t.Errorf("an end is %+v", s.status)
			}
		}
	}
	l, d, _ := readyToDie(t, nil)
	l.Crash(fault())
	l.End()
	n := len(d.frames)
	if l.EndAsOrdered(); len(d.frames) != n {
		t.Error("a sender that does not seal sends something")
	}
}

// While it stays, the dead machine gives signs of life and answers.
func TestDeadMachineAnswers(t *testing.T) {
	l, d, c := believing(t)
	l.Crash(fault())
	l.Console([]byte("a line\n"))
	l.End()
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() && !l.awaits() })
	headlines, beats := 0, 0
	d.host.seen = func(s seenDatagram) {
		beats++
		headlines += len(s.items)
		if !s.status.Dying || !s.status.Over {
			t.Errorf("%+v", s.status)
		}
	}
	for end := c.ns + int64(time.Minute); c.ns < end; c.pass(40 * time.Millisecond) {
		l.Poll()
	}
	if headlines > 0 || beats < 11 || beats > 13 {
		t.Errorf("%d items and %d datagrams in a minute, want a heartbeat every 5 s", headlines, beats)
	}
	// A log host that has forgotten everything gets it all again.
	d.host = newLogHost(t)
	d.host.session[0]++
	c.pass(5 * time.Second)
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() })
	wholeReport(t, d.host, []string{"a line"})
}

func TestSealingLoggerAllocatesNothing(t *testing.T) {
	l, d, c := believing(t)
	quiet := new(silentDevice)
	l.device = quiet
	l.SetConsole(func([]byte) {})
	text := line(0)
	a := wire.Answer{Session: d.host.session, Number: 1 << 40, Heard: 1, Upto: 1, Runs: 1}
	frame := fromHost(d.host.opener.AppendAnswer(nil, &a))
	console := []byte(text + "\n")
	cause := fault()
	for name, do := range map[string]func(){
		"Log":  func() { l.Log(Info, text) },
		"Poll": func() { c.pass(100 * time.Millisecond); l.Poll() },
		"an answer": func() {
			a.Number++
			a.Wanted[0] = wire.Run{First: l.network.sealed.said.Load() - 20, Last: l.network.sealed.said.Load()}
			d.host.opener.AppendAnswer(frame[plainHeaders:plainHeaders], &a)
			l.handle(frame)
			c.pass(30 * time.Millisecond)
			l.Poll()
		},
	} {
		before := quiet.frames
		if n := testing.AllocsPerRun(100, do); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		if quiet.frames == before {
			t.Errorf("%s: nothing is sent", name)
		}
	}
	if n := testing.AllocsPerRun(20, func() {
		l.crash = crash{}
		l.Crash(cause)
		for range 50 {
			l.Console(console)
		}
		l.End()
		l.EndAsOrdered()
		c.pass(time.Second)
		l.Poll()
	}); n > 0 {
		t.Errorf("a crash: %v allocations", n)
	}
}

// Garbage in the ring and where the sender stands does not keep the report back.
func TestGarbageWhereASealingSenderStands(t *testing.T) {
	for seed := range uint64(100) {
		l, d, c := believing(t)
		fill := bytes.Repeat([]byte{byte(seed * 37), byte(seed), 0xff, byte(seed >> 3)}, 256)
		garbage := func(p unsafe.Pointer, size uintptr) {
			b := unsafe.Slice((*byte)(p), size)
			for len(b) > 0 {
				b = b[copy(b, fill[seed:]):]
			}
		}
		if seed%2 == 0 {
			garbage(unsafe.Pointer(&l.ring), unsafe.Sizeof(l.ring))
		}
		if seed%3 > 0 {
			garbage(unsafe.Pointer(&l.network.sink), unsafe.Sizeof(l.network.sink))
		}
		k := &kernel{t: t, l: l}
		k.report(20)
		for range 20 {
			c.pass(linkPause)
			k.step(l.Poll)
		}
		m, ok := d.host.report(t)
		lines := slices.DeleteFunc(m.lines, func(line string) bool { return !strings.HasPrefix(line, "line ") })
		if !ok || len(lines) != 20 || k.faults > 0 {
			t.Errorf("seed %d: headline and end %v, %d lines, %d faults", seed, ok, len(lines), k.faults)
		}
	}
}
