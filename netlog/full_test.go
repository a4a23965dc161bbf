package netlog

import (
	"io"
	"testing"
)

// A device whose ring is full is waited for by goroutines only, and by them only if they may.
func TestWhoWaitsForAFullDevice(t *testing.T) {
	for name, c := range map[string]struct {
		drop  bool
		log   func(*Logger)
		waits bool
	}{
		"Write":           {false, func(l *Logger) { io.WriteString(l, "line\n") }, true},
		"Console":         {false, func(l *Logger) { l.Console([]byte("line\n")) }, true},
		"Log":             {false, func(l *Logger) { l.Log(Info, "line") }, false},
		"Write, drop":     {true, func(l *Logger) { io.WriteString(l, "line\n") }, false},
		"Console, drop":   {true, func(l *Logger) { l.Console([]byte("line\n")) }, false},
		"two lines, drop": {true, func(l *Logger) { io.WriteString(l, "line\nline\n") }, false},
	} {
		l, d, _ := machineUpWith(t, Options{Drop: c.drop})
		d.full = true
		c.log(l)
		s := l.Stats()
		if waited := s.Waits > 0; waited != c.waits || waited != (len(d.frames) > 0) {
			t.Errorf("%s: waited %d times, %d frames sent", name, s.Waits, len(d.frames))
		}
		l.Poll()
		if s := l.Stats(); len(d.frames) > 0 && !c.waits || s.Dropped > 0 || s.Errors > 0 {
			t.Errorf("%s: Poll waited, or something is lost: %+v", name, s)
		}
		if !c.waits && l.Deadline() == 0 {
			t.Errorf("%s: nobody looks again", name)
		}
		d.full = false
		l.Poll()
		if s := l.Stats(); s.Sent != s.Records || l.Deadline() != 0 {
			t.Errorf("%s: %d of %d sent when there is room, deadline %d", name, s.Sent, s.Records, l.Deadline())
		}
	}
}

// What a machine that drops has no room for is lost, counted and told.
func TestDroppingLosesTheOldest(t *testing.T) {
	l, d, _ := machineUpWith(t, Options{Drop: true})
	d.full = true
	for range 3 * Records {
		io.WriteString(l, "line\n")
	}
	d.full = false
	l.Poll()
	if s := l.Stats(); s.Dropped != 2*Records || s.Sent != s.Records-s.Dropped || s.Waits != 0 {
		t.Errorf("%+v, want %d dropped", s, 2*Records)
	}
}
