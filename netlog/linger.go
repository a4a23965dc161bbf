package netlog

import "time"

// The headline is sent again with pauses that double from the first to the
// longest.
const (
	firstRepeat   = time.Second
	longestRepeat = 64 * time.Second
)

// linger is what Poll needs after the report.
type linger struct {
	look  int64 // time of the next look at the link
	up    bool  // as seen last
	whole bool  // the report was sent again as a whole
	next  int64 // time of the next headline
	pause time.Duration
}

// pollDead keeps the machine present on the link after the report.
func (l *Logger) pollDead() {
	c := &l.crash
	c.progress.Add(1)
	if c.inside || c.state.Load() != over || l.network.state.Load() != started {
		return
	}
	c.inside = true
	l.receive()
	now := l.now()
	if g := &c.linger; now >= g.look {
		g.look = now + int64(linkPause)
		if l.clock == nil {
			g.look = 0
		}
		g.up = l.linkUp()
	}
	if c.linger.up {
		l.askAll(now)
		if l.sealing() {
			l.lingerSealed(now)
		} else {
			l.repeat(now)
		}
	}
	c.inside = false
}

// repeat sends the headline again when it is due. A report that may not have
// arrived goes out once more as a whole before that.
func (l *Logger) repeat(now int64) {
	c := &l.crash
	g := &c.linger
	if !l.reach() {
		return
	}
	c.mute = false // or the address would still be unknown
	if d := l.network.latecomer(); d != nil {
		d.late = false
		l.network.only(d)
		if l.sendHeadline() {
			l.sendWhole()
		}
		return
	}
	doubtful := !g.whole && (c.device.unlikely || c.lost > 0)
	if g.pause == 0 {
		g.pause = firstRepeat
		if !doubtful {
			g.schedule(now)
		}
	}
	if now < g.next {
		return
	}
	g.schedule(now)
	if l.sendHeadline() && doubtful {
		g.whole = true
		l.sendWhole()
	}
}

// schedule sets the time of the next headline.
func (g *linger) schedule(now int64) {
	g.next = now + int64(g.pause)
	g.pause = min(2*g.pause, longestRepeat)
}

// sendWhole sends the rest of the report again, as far as the ring has it, with
// an end record that counts what is missing.
func (l *Logger) sendWhole() {
	c := &l.crash
	first := c.opening.first
	l.sendAgain(c.before.from, first)
	c.lost = l.sendAgain(first+1, c.closing.last)
	l.sendEnd()
}
