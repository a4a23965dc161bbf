package netlog

import (
	"strings"
	"testing"
	"time"
)

// sealedAndQuiet is a logger that seals, whose log host has everything, on a clock that stands still.
func sealedAndQuiet(t *testing.T) (*Logger, *hostDevice, *fakeClock) {
	t.Helper()
	l, d, c := sealedUp(t, 0, 1, nil)
	run(t, l, c, func() bool { return d.host.upto == l.ring.head.Load() && d.host.upto > 0 })
	l.SetClock(func() int64 { return c.ns })
	c.pass(time.Second)
	l.Poll()
	return l, d, c
}

func TestTheFirstRecordAfterAPauseGoesAtOnce(t *testing.T) {
	l, d, c := sealedAndQuiet(t)
	for range 5 {
		from := d.sent
		l.Log(Info, "the first")
		if d.sent != from+1 || l.Deadline() != 0 {
			t.Fatalf("%d datagrams are sent, want one; the deadline is %d", d.sent-from, l.Deadline())
		}
		c.pass(2 * fillTime)
		l.Poll()
	}
}

// What comes soon after waits, but not longer than Deadline says.
func TestRecordsShareADatagram(t *testing.T) {
	l, d, c := sealedAndQuiet(t)
	l.Log(Info, "the first")
	from, at := d.sent, c.ns
	for range 5 {
		l.Log(Info, "another")
	}
	c.pass(fillTime / 2)
	l.Poll()
	due := l.Deadline()
	if d.sent != from || due < at || due > at+int64(fillTime) {
		t.Fatalf("%d datagrams are sent, and the deadline is %v from then", d.sent-from, time.Duration(due-at))
	}
	c.ns = due
	l.Poll()
	if d.sent != from+1 || l.Deadline() != 0 {
		t.Errorf("%d datagrams are sent when it is over, want one; the deadline is %d", d.sent-from, l.Deadline())
	}
	c.pass(10 * time.Millisecond)
	l.Poll()
	if d.host.upto != l.ring.head.Load() {
		t.Errorf("the log host knows of %d of %d records", d.host.upto, l.ring.head.Load())
	}
}

// A datagram that is full waits for nothing, and the next record waits for its own.
func TestAFullDatagramGoesAtOnce(t *testing.T) {
	l, d, c := sealedAndQuiet(t)
	l.Log(Info, "the first")
	from, most := d.sent, 0
	d.host.seen = func(s seenDatagram) { most = max(most, len(s.items)) }
	text := strings.Repeat("x", 100)
	for range 200 {
		l.Log(Info, text)
	}
	if n := d.sent - from; n < 17 || n > 20 {
		t.Errorf("200 records of 100 bytes took %d datagrams at once", n)
	}
	c.pass(2 * fillTime)
	l.Poll()
	c.pass(10 * time.Millisecond)
	l.Poll()
	if most != 10 || d.host.upto != l.ring.head.Load() {
		t.Errorf("%d records in a datagram; the log host knows of %d of %d", most, d.host.upto, l.ring.head.Load())
	}
}

// A crash sends what waits, before its report.
func TestACrashSendsWhatWaits(t *testing.T) {
	l, d, c := sealedAndQuiet(t)
	l.Log(Info, "the first")
	from := d.sent
	l.Log(Info, "waits")
	if d.sent != from {
		t.Fatal("it did not wait")
	}
	l.SetClock(c.now)
	l.Crash(fault())
	l.End()
	c.pass(time.Millisecond)
	d.Receive(make([]byte, receiveSize))
	waiting := l.crash.opening.first - 1
	if r, ok := d.host.records[waiting]; !ok || string(r.Text) != "waits" {
		t.Errorf("record %d is %q at the log host", waiting, r.Text)
	}
}

// Without a clock nothing can be waited for.
func TestWithoutAClockNothingWaits(t *testing.T) {
	l, d, _ := sealedAndQuiet(t)
	l.SetClock(nil)
	from := d.sent
	for range 5 {
		l.Log(Info, "at once")
	}
	if d.sent-from != 5 || l.Deadline() != 0 {
		t.Errorf("%d datagrams, deadline %d", d.sent-from, l.Deadline())
	}
}
