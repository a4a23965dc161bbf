package netlog

import (
	"io"
	"sync"
	"testing"
	"time"
)

// Others log as fast as one context hands on: it comes to an end all the same.
func TestNobodyHandsOnForEver(t *testing.T) {
	const enough = 8 * Records
	for name, c := range map[string]struct {
		call func(*Logger)
		most share
	}{
		"Poll": {(*Logger).Poll, pollMost},
		"Log":  {func(l *Logger) { l.Log(Info, "mine") }, drainMost},
	} {
		handed := 0
		another := func(l *Logger) {
			if handed++; handed < enough {
				l.store(Info, []byte("another one's"), false)
			}
		}
		l, d, _ := machineUp(t, 0, nil)
		d.onTransmit = func([]byte) { another(l) }
		l.store(Info, []byte("the first"), false)
		if c.call(l); handed > c.most.network {
			t.Errorf("%s sent %d records, want at most %d", name, handed, c.most.network)
		}

		handed = 0
		l = New(0)
		l.SetConsole(func([]byte) { another(l) })
		l.store(Info, []byte("the first"), false)
		if c.call(l); handed > c.most.serial {
			t.Errorf("%s wrote %d records, want at most %d", name, handed, c.most.serial)
		}
	}
}

// A goroutine that logs while a slower one sends waits for it: nothing is lost.
func TestWritersWaitForTheSender(t *testing.T) {
	const lines = 2 * Records
	l, d, _ := machineUp(t, 0, nil)
	l.SetClock(nil)
	sending, written := make(chan bool), make(chan bool)
	var once sync.Once
	d.onTransmit = func([]byte) {
		once.Do(func() { close(sending) })
		select {
		case <-written:
		default:
			time.Sleep(10 * time.Microsecond)
		}
	}
	var wait sync.WaitGroup
	wait.Go(func() { l.Log(Info, "begins to send") })
	<-sending
	for range lines {
		io.WriteString(l, "line\n")
	}
	close(written)
	wait.Wait()
	l.Poll()
	if s := l.Stats(); s.Dropped != 0 || s.Sent != s.Records {
		t.Errorf("%d of %d records were sent, %d lost", s.Sent, s.Records, s.Dropped)
	}
}

// Nor is anything lost while one of them is held up between taking a number and the end of its record.
func TestWritersWaitForAnother(t *testing.T) {
	const lines = 2 * Records
	l, _, _ := machineUp(t, 0, nil)
	l.SetClock(nil)
	seq, _ := l.ring.reserve()
	var wait sync.WaitGroup
	wait.Go(func() {
		for !l.behind() {
			time.Sleep(time.Millisecond)
		}
		l.ring.fill(seq, 0, Info, false, []byte("held up"))
		l.ring.commit(seq)
	})
	for range lines {
		io.WriteString(l, "line\n")
	}
	wait.Wait()
	l.Poll()
	if s := l.Stats(); s.Dropped != 0 || s.Sent != s.Records {
		t.Errorf("%d of %d records were sent, %d lost", s.Sent, s.Records, s.Dropped)
	}
}

// A slowDevice begins to take frames when it was polled often enough.
type slowDevice struct {
	*fakeDevice
	polls, enough int
}

func (d *slowDevice) Receive(buf []byte) (int, error) {
	if d.polls++; d.polls == d.enough {
		d.mu.Lock()
		d.refuse = 0
		d.mu.Unlock()
	}
	return d.fakeDevice.Receive(buf)
}

// A goroutine waits for a device whose other side is slow, so that nothing is overwritten; but not for one that is dead.
func TestWritersWaitForASlowDevice(t *testing.T) {
	const lines, enough, looks = 2 * Records, 30, 4000
	for _, dead := range []bool{false, true} {
		l, c := New(0), new(fakeClock)
		d := &slowDevice{fakeDevice: new(fakeDevice), enough: enough}
		l.SetClock(c.now)
		if err := l.Start(d, target(), Options{}); err != nil {
			t.Fatal(err)
		}
		d.refuse = -1
		before := l.Stats().Sent
		if dead {
			d.enough, c.step = -1, int64(refusalLimit/looks)
		}
		d.polls = 0
		for range lines {
			io.WriteString(l, "line\n")
		}
		l.Poll()
		switch s := l.Stats(); {
		case !dead && (s.Dropped != 0 || s.Sent != s.Records || d.polls < enough):
			t.Errorf("%d of %d records were sent, %d lost, after %d polls", s.Sent, s.Records, s.Dropped, d.polls)
		case dead && (s.Sent != before || d.polls > looks):
			t.Errorf("%d records were sent; a dead device was waited for in %d polls", s.Sent-before, d.polls)
		}
	}
}
