package netlog

import (
	"sync/atomic"
	"time"
)

const (
	// A log host that owes an answer is asked for it after the first pause; then they double up to the
	// longest.
	firstProbe   = 50 * time.Millisecond
	longestProbe = time.Second
	firstHasty   = 10 * time.Millisecond
	longestHasty = 50 * time.Millisecond
)

// probe is how the sender makes sure of its log host. The first one is the hello: a datagram that says
// nothing but that it wants an answer.
type probe struct {
	next  int64 // time of the next one
	pause time.Duration
	hello int64         // time of the first one; 0: not yet
	sent  int64         // time of the last datagram of any kind
	alone atomic.Uint32 // nobody answered the hello
}

// beginProbes makes the first probe due after the first pause.
func (l *Logger) beginProbes(now int64) {
	p := &l.network.sealed.probe
	p.pause, _ = l.probePauses()
	p.next = now + int64(p.pause)
}

// probePauses are the shortest and the longest pause. A machine that may be gone in a moment is in a hurry,
// and so is one whose records wait for the first answer.
func (l *Logger) probePauses() (first, longest time.Duration) {
	z := &l.network.sealed
	if s := l.crash.state.Load(); s == collecting || s == reporting || !l.allProven() && z.probe.alone.Load() == 0 {
		return firstHasty, longestHasty
	}
	return firstProbe, longestProbe
}

// wants says whether the datagram that is being sealed asks for an answer at once.
func (l *Logger) wants(now int64) bool {
	z := &l.network.sealed
	p := &z.probe
	if !l.awaits() || now < p.next {
		return false
	}
	first, longest := l.probePauses()
	p.pause = min(max(p.pause, first), longest)
	p.next = now + int64(p.pause)
	p.pause *= 2
	return true
}

// tendSealed does what is due on a sender that seals: answers what was asked for, sends what could not be
// sent before, asks for an answer, gives a sign of life. The caller holds the sender.
func (l *Logger) tendSealed(now int64) {
	z := &l.network.sealed
	p := &z.probe
	if !l.allProven() && p.alone.Load() == 0 && p.hello != 0 && now-p.hello >= int64(helloPatience) {
		p.alone.Store(1)
	}
	if _, ok := l.sendSealed(pollMost.network, false); !ok || z.length != 0 || !l.open() {
		return
	}
	if l.prepareEmpty(now) {
		if p.hello == 0 {
			p.hello = max(now, 1)
			if l.clock == nil {
				p.alone.Store(1)
			}
		}
		l.handSealed(false)
	}
}

// prepareEmpty makes a datagram without records if one is due: a probe or a sign of life.
func (l *Logger) prepareEmpty(now int64) bool {
	s := &l.network
	z := &s.sealed
	silent := z.heartbeat > 0 && now-z.probe.sent >= int64(z.heartbeat)
	if !silent && !(l.awaits() && now >= z.probe.next) {
		return false
	}
	l.sealEmpty()
	return true
}

// sealEmpty makes a datagram without records.
func (l *Logger) sealEmpty() {
	s := &l.network
	z := &s.sealed
	next := max(s.next.Load(), z.said.Load())
	g := l.gatherFrom(next, next)
	z.records, z.gone, z.upto, z.repaired = 0, 0, next, false
	l.seal(g.length, next)
}
