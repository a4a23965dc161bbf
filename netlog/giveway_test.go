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
