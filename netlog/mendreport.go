package netlog

import (
	"time"

	"gasp/netlog/wire"
)

// How long the report is repaired before the board goes on, at the most: with a log host that has answered,
// and with one that has not. A machine that dies young waits for as long as it would have waited for the first
// answer.
const (
	repairWait     = 2 * time.Second
	unansweredWait = 200 * time.Millisecond
	// keepUpWait is how long, in all, the report waits for a log host that is behind, so that nothing in
	// the ring is overwritten that it misses. Only a report that outgrows the ring does.
	keepUpWait = 30 * time.Second
)

// A mending is the repair of the report.
type mending struct {
	tries  int
	done   bool
	waited int64 // ns that keepUp has used
	retry  int64 // when a device that refused is tried again
}

// mendTries is how often the repair is begun, should that fault.
const mendTries = 2

// mendReport answers the log host until it has everything, within a bound.
func (l *Logger) mendReport() {
	c := &l.crash
	m := &c.mending
	if !l.sealing() || c.mute {
		m.done = true
		return
	}
	m.tries++
	answered := l.proven() != 0
	wait := unansweredWait
	switch z := &l.network.sealed; {
	case answered:
		wait = repairWait
	case z.probe.alone.Load() == 0:
		wait = max(wait, min(time.Duration(z.started.Load()-l.now())+helloPatience, helloPatience))
	}
	for p := l.pause(wait); !l.hasAll(); {
		l.tendDead(l.now())
		if !answered && l.proven() != 0 {
			answered, p = true, l.pause(repairWait)
		}
		if l.over(&p) {
			break
		}
	}
	m.done = true
}

// hasAll says whether all log hosts that have answered, or may do so yet, know of all records.
func (l *Logger) hasAll() bool {
	return (l.allProven() || l.proven() > 0 && l.network.sealed.probe.alone.Load() != 0) && l.acked() >= l.lastNumber()
}

// tendDead sends what could not be sent before, and answers.
func (l *Logger) tendDead(now int64) {
	s := &l.network
	m := &l.crash.mending
	if last := l.lastNumber(); s.next.Load() < last && now >= m.retry && !l.pump(last) {
		m.retry = now + int64(firstHasty)
		return
	}
	l.answerDead(now)
}

// answerDead takes answers, does what they ask for, and asks for more.
func (l *Logger) answerDead(now int64) {
	l.receiveDead()
	for l.prepareRepair() {
		if !l.transmitSealed() {
			return
		}
	}
	if l.prepareEmpty(now) {
		l.transmitSealed()
	}
}

// receiveDead is receive for the crash path, where a fault in the device leads to a takeover.
func (l *Logger) receiveDead() {
	d := &l.crash.device
	d.busy = true
	l.receive()
	d.busy = false
}

// keepUp waits, while the report is made, for a log host that has not got half of the ring: one that answers, or
// that may not have been able to yet. One that was silent for long may answer again.
func (l *Logger) keepUp() {
	m := &l.crash.mending
	l.answerDead(l.now())
	if l.room() || m.waited >= int64(keepUpWait) {
		return
	}
	from := l.now()
	for p := l.pause(keepUpWait - time.Duration(m.waited)); !l.room(); {
		l.answerDead(l.now())
		if l.over(&p) {
			break
		}
	}
	m.waited += max(l.now()-from, 1)
}

// room says whether the report may go on, because little in the ring is still needed, or nobody needs it.
func (l *Logger) room() bool {
	z := &l.network.sealed
	said, now, half := z.said.Load(), l.now(), l.ring.capacity()/2
	if said-min(l.acked(), said) <= half {
		return true
	}
	if !l.allProven() && z.probe.alone.Load() == 0 && now-z.started.Load() < int64(helloPatience) {
		return false
	}
	return !l.anyFresh(now, said, half)
}

// lingerSealed is what Poll does after the report: it sends what could not be sent before, and answers. As
// long as nobody has answered at all, the headline goes out again, and the report once more as a whole if it
// may not have arrived.
func (l *Logger) lingerSealed(now int64) {
	c := &l.crash
	g := &c.linger
	s := &l.network
	if !l.reach() {
		return
	}
	c.mute = false
	if !c.batch.out && !l.sendHeadline() {
		return
	}
	if !l.allProven() {
		if g.pause == 0 {
			g.pause = firstRepeat
			g.schedule(now)
		}
		if now >= g.next {
			g.schedule(now)
			l.sendHeadline()
			if c.device.unlikely && !g.whole {
				g.whole = true
				s.next.Store(max(c.before.from, l.ring.oldest()))
			}
		}
	}
	l.tendDead(now)
}

// overTries is how often the end of a machine that ends as ordered is told, overWait how long each time an
// answer is waited for.
const (
	overTries = 3
	overWait  = 50 * time.Millisecond
)

// EndAsOrdered tells the log host, behind the report's end, that the machine is switched off as it should be.
// It does nothing for a sender that does not seal.
func (l *Logger) EndAsOrdered() {
	c := &l.crash
	z := &l.network.sealed
	if !l.sealing() || c.state.Load() != over || c.inside || c.mute || l.network.state.Load() != started {
		return
	}
	c.inside = true
	z.ordered = true
	for range overTries {
		l.sealEmpty()
		number := z.dying
		if !l.transmitSealed() {
			continue
		}
		for p := l.pause(overWait); !l.heardAll(number) && !l.over(&p); {
			l.receiveDead()
		}
		if l.heardAll(number) {
			break
		}
	}
	l.flushDevice()
	c.inside = false
}

// settleSealed makes what was interrupted usable.
func (l *Logger) settleSealed() {
	s := &l.network
	z := &s.sealed
	for i := range s.destinations() {
		if a := &s.to(i).answers; a.torn {
			a.newest, a.torn = wire.Answer{}, false
		}
	}
	z.forget()
	if next, head := s.next.Load(), l.ring.head.Load(); next < z.said.Load() || next > head {
		s.next.Store(min(z.said.Load(), head))
	}
	l.beginProbes(l.now())
}
