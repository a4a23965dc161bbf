package netlog

import (
	"runtime"
	"time"
)

// Goroutines that log wait for a log host that answers, so that nothing is overwritten before it is known
// to have arrived.
const (
	// answerStale is how old the newest answer may be.
	answerStale = time.Second
	// ackStale is how long it may have been since answers covered more than before.
	ackStale = 2 * time.Second
	// helloPatience is how long the first answer is waited for, after Start by who logs, and after the hello by
	// records, which then go out without: a network card may be deaf for its first second, and what goes out
	// without is not believed by a log host that answers.
	helloPatience = 3 * time.Second
	// awaitMost bounds the looks, whatever the clock says.
	awaitMost = 100_000
)

// awaitAnswers waits while half of the ring is not acknowledged. It looks after the network meanwhile: the
// timer interrupt does so only every few hundredths of a second.
func (l *Logger) awaitAnswers() {
	if !l.outpaces() {
		return
	}
	l.waits.Add(1)
	end := l.now() + int64(ackStale)
	for n := 0; n < awaitMost; n++ {
		l.Poll()
		if !l.outpaces() || l.now() >= end {
			return
		}
		runtime.Gosched()
		time.Sleep(giveWaySleep)
	}
}

// pending is how many of the newest records are not with the log host yet, or not known to be.
// Of several log hosts those that have fallen silent do not count.
func (l *Logger) pending() uint64 {
	s := &l.network
	done, head, said := s.next.Load(), l.ring.head.Load(), s.sealed.said.Load()
	if s.more.Load() == 0 {
		if a := &s.answers; a.proven.Load() != 0 && a.acked.Load() < said {
			done = a.acked.Load()
		}
		return head - min(done, head)
	}
	return l.pendingOf(head, done, said)
}

// pendingOf is pending for several log hosts.
func (l *Logger) pendingOf(head, done, said uint64) uint64 {
	s := &l.network
	for i := range s.destinations() {
		a := &s.to(i).answers
		if a.proven.Load() != 0 && a.acked.Load() < said && a.fresh(l.now()) {
			done = min(done, a.acked.Load())
		}
	}
	return head - min(done, head)
}

// outpaces says whether goroutines log faster than the log host acknowledges, and it is worth waiting for.
func (l *Logger) outpaces() bool {
	s := &l.network
	z := &s.sealed
	if l.pending() <= l.ring.capacity()/2 || s.state.Load() != started || s.up.Load() == 0 || l.crash.dying() {
		return false
	}
	now := l.now()
	switch {
	case !l.allProven() && z.probe.alone.Load() == 0:
		return now-z.started.Load() < int64(helloPatience)
	case l.proven() != 0:
		return l.anyFresh(now, l.ring.head.Load(), l.ring.capacity()/2)
	}
	return l.behind()
}
