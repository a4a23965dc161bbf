package netlog

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

// Whatever runs at once, every line arrives, whole and in its writer's order.
func TestConcurrentWritersArriveCompleteAndInOrder(t *testing.T) {
	const writers, lines = 8, 100 // no more than the ring holds, should the sender fall behind
	for name, write := range map[string]func(*Logger, string){
		"Log":     func(l *Logger, s string) { l.Log(Info, s) },
		"Write":   func(l *Logger, s string) { io.WriteString(l, s+"\n") },
		"Console": func(l *Logger, s string) { l.Console([]byte(s + "\n")) },
	} {
		l, d, _ := machineUp(t, 0, nil)
		l.SetClock(nil)
		var wait sync.WaitGroup
		for w := range writers {
			wait.Go(func() {
				for i := range lines {
					write(l, fmt.Sprintf("%d %d %s", w, i, strings.Repeat("x", i)))
					if w == 0 && i < lines/2 {
						l.Poll()
					}
				}
			})
		}
		wait.Wait() // and no Poll: whoever held the sender must have seen the last line
		var next [writers]int
		for _, text := range d.texts(t) {
			var w, i int
			fmt.Sscanf(text, "%d %d", &w, &i)
			if i != next[w] || !strings.HasSuffix(text, " "+strings.Repeat("x", i)) {
				t.Fatalf("%s: got %q, want line %d", name, text, next[w])
			}
			next[w]++
		}
		for w, n := range next {
			if n != lines {
				t.Errorf("%s: writer %d has %d lines on the wire, want %d", name, w, n, lines)
			}
		}
		if s := l.Stats(); s.Dropped != 0 || s.Sent != s.Records {
			t.Errorf("%s: stats are %+v", name, s)
		}
	}
}

// A record committed just as the sender lets go does not wait for the next one.
func TestNoRecordIsLeftBehind(t *testing.T) {
	const rounds = 20000
	l, _ := silent(t, false)
	var turn [2]chan bool
	for i := range turn {
		turn[i] = make(chan bool)
		go func() {
			for range turn[i] {
				l.Log(Info, "x")
				turn[i] <- true
			}
		}()
	}
	for round := range rounds {
		turn[0] <- true
		turn[1] <- true
		<-turn[0]
		<-turn[1]
		if s := l.Stats(); s.Sent != s.Records {
			t.Fatalf("round %d: both writers are back, and %d of %d records are sent", round, s.Sent, s.Records)
		}
	}
	close(turn[0])
	close(turn[1])
}

// When writers outrun a small ring, records are lost and counted, never torn.
func TestConcurrentWritersOutrunTheRing(t *testing.T) {
	const writers, lines = 4, 500
	l, d, _ := machineUp(t, 4, nil)
	l.SetClock(nil)
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range lines {
				l.Log(Info, strings.Repeat(string(rune('a'+w)), 1+i%TextSize))
			}
		})
	}
	wait.Wait()
	l.Poll()
	var sent uint64
	for _, text := range d.texts(t) {
		sent++
		if strings.Trim(text, text[:1]) != "" {
			t.Fatalf("torn record %q", text)
		}
	}
	s := l.Stats()
	if left := s.Records + l.dropped.Load() - sent - s.Dropped; sent == 0 || left != 1 {
		// The one record is what Start says.
		t.Errorf("%d sent and %d dropped of %d: %d unaccounted for, want the first record only", sent, s.Dropped, s.Records, left)
	}
}
