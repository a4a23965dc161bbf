package netlog

import (
	"runtime"
	"time"
)

const (
	giveWayMost  = 200 // times
	giveWaySleep = 100 * time.Microsecond
)

// crowded says whether giveWay may have something to wait for.
func (l *Logger) crowded() bool {
	s := &l.network
	if l.hasty.Load() != 0 {
		return false
	}
	return l.ring.head.Load()-s.next.Load() > Records/2-l.ring.spare/2 || s.sealed.sealer != nil || s.sharing.waiting.Load() != 0
}

// giveWay lets the context that is sending, or that is writing the record to be
// sent next, catch up with goroutines that log faster, so that nothing is
// overwritten before it is sent. It waits a bounded time, for somebody who is at it, and
// for a device that has had no room for a moment only.
func (l *Logger) giveWay() {
	l.network.yield()
	if l.sealing() {
		l.awaitAnswers()
		return
	}
	for n := 0; n < giveWayMost && l.behind(); n++ {
		if n == 0 {
			l.waits.Add(1)
		}
		runtime.Gosched() // it may be a goroutine of this processor
		if l.jammed() {
			l.drain(drainMost, true)
		}
		if l.behind() {
			time.Sleep(giveWaySleep) // or of a thread that has none
		}
	}
}

// behind says whether half of the ring waits for another context, or for a device that has no room.
func (l *Logger) behind() bool {
	s := &l.network
	next := s.next.Load()
	return l.ring.head.Load()-next > l.ring.capacity()/2 && (s.busy.Load() != 0 || l.ring.state(next) == pending || l.jammed()) &&
		l.open() && !l.crash.dying()
}
