package netlog

import (
	"runtime"
	"time"
)

const (
	giveWayMost  = 200 // times
	giveWaySleep = 100 * time.Microsecond
)

// giveWay lets the context that is sending catch up with goroutines that log
// faster, so that nothing is overwritten before it is sent. It waits a bounded
// time, and only for somebody who is at it: not for a device that takes nothing.
func (l *Logger) giveWay() {
	for n := 0; n < giveWayMost && l.behind(); n++ {
		runtime.Gosched() // it may be a goroutine of this processor
		if l.behind() {
			time.Sleep(giveWaySleep) // or of a thread that has none
		}
	}
}

// behind says whether somebody sends, and half of the ring waits for it.
func (l *Logger) behind() bool {
	s := &l.network
	return s.busy.Load() != 0 && l.ring.head.Load()-s.next.Load() > l.ring.capacity()/2 && l.open() && !l.crash.dying()
}
