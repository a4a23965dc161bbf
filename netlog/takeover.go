package netlog

import "time"

const (
	// linkWait is what a link may need to come back after a reset; with
	// autonegotiation that is two to three seconds.
	linkWait = 4 * time.Second
	// answerWait is how long the report waits for ARP.
	answerWait = 200 * time.Millisecond
	// What ends the waits if the clock stands still: a look at the link is a
	// register access of a microsecond or so, one at the ring mere memory.
	maxLinkLooks   = 1 << 23
	maxAnswerLooks = 1 << 20
	// transmitTries is how often a refused frame is offered, with a Flush in
	// between.
	transmitTries = 3
)

// takeOver makes the device the report's own.
func (l *Logger) takeOver() {
	c := &l.crash
	s := &l.network
	if s.state.Load() != started {
		c.mute = true
		return
	}
	if l.device.TakeOver() != nil {
		s.errors.Add(1)
	}
}

// awaitLink waits for a link that the reset took down.
func (l *Logger) awaitLink() {
	if l.crash.mute {
		return
	}
	end := l.now() + int64(linkWait)
	for range maxLinkLooks {
		if l.device.Link() || l.now() >= end {
			return
		}
	}
}

// findStation makes sure of the address frames go to. If nobody answers, a
// target on the link still gets them by broadcast.
func (l *Logger) findStation() {
	c := &l.crash
	n := &l.network.neighbor
	if c.mute {
		return
	}
	if n.resolved.Load() == 0 {
		n.requests.Add(1)
		l.transmitControl(n.request[:])
		end := l.now() + int64(answerWait)
		for range maxAnswerLooks {
			l.receive()
			if n.resolved.Load() != 0 || l.now() >= end {
				break
			}
		}
	}
	mac := n.resolved.Load()
	if mac == 0 {
		if !n.onLink {
			c.mute = true
			return
		}
		mac = packMAC(broadcast[:])
		l.sayBroadcast()
	}
	// Whoever was interrupted may have been writing it.
	l.network.template.setDestination(unpackMAC(mac))
}

// transmitNow gives a frame to the device, trying again within a bound. Once
// that was in vain, later frames get a single try until one succeeds.
func (l *Logger) transmitNow(frame []byte) bool {
	c := &l.crash
	for range transmitTries {
		if l.device.Transmit(frame) == nil {
			c.deaf = false
			return true
		}
		l.network.errors.Add(1)
		if c.deaf {
			return false
		}
		if l.device.Flush() != nil {
			l.network.errors.Add(1)
		}
	}
	c.deaf = true
	return false
}

// pollDead keeps the machine present on the link after the report.
func (l *Logger) pollDead() {
	if l.crash.state.Load() == over && !l.crash.mute {
		l.receive()
	}
}
