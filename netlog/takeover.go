package netlog

import (
	"strconv"
	"time"
)

const (
	// linkWait is what a link may need to come back after a reset; with
	// autonegotiation that is two to three seconds.
	linkWait = 4 * time.Second
	// answerWait is how long the report waits for ARP.
	answerWait = 200 * time.Millisecond
	// maxStill is how many looks in a row may find the clock unchanged: that ends
	// the waits if it stands still.
	maxStill = 1 << 22
	// transmitTries is how often a refused frame is offered, with a Flush in
	// between.
	transmitTries = 3
	// maxRetakes bounds the further takeovers of a report.
	maxRetakes = 8
)

// A crashDevice is what the report knows of its device.
type crashDevice struct {
	busy     bool // a method of it was called and has not returned
	deaf     bool // it refused a frame through all tries
	retakes  int
	lost     uint64 // frames it may have lost with resets
	told     uint64 // of those
	trouble  [80]byte
	length   int  // of trouble
	unlikely bool // what was sent hardly arrived: the link was down or the neighbour unknown
	owes     bool // records of the report from owed to owedTo may be lost
	owed     uint64
	owedTo   uint64
}

// owe notes that record seq of the report may not have left.
func (d *crashDevice) owe(seq uint64) {
	if !d.owes {
		d.owes, d.owed, d.owedTo = true, seq, seq+1
	}
	d.owed, d.owedTo = min(d.owed, seq), max(d.owedTo, seq+1)
}

// takeOver makes the device the report's own.
func (l *Logger) takeOver() {
	if l.network.state.Load() != started {
		l.crash.mute = true
		return
	}
	l.rewind(l.takeDevice())
}

// takeDevice returns how many frames that were given to the device before may be
// lost. It remembers that, and an error, for the report.
func (l *Logger) takeDevice() uint64 {
	d := &l.crash.device
	d.busy = true
	lost, err := l.device.TakeOver()
	d.busy = false
	if err != nil {
		l.network.errors.Add(1)
		text := err.Error()
		d.length = copy(d.trouble[:], text)
	}
	n := uint64(max(lost, 0))
	d.lost += n
	return n
}

// rewind lets the backlog begin so many frames earlier: they are records that
// the device may have lost. In basic format a reader could not tell those that
// come twice.
func (l *Logger) rewind(frames uint64) {
	s := &l.network
	if l.sealing() {
		l.rewindSealed(frames)
		return
	}
	next, oldest := s.next.Load(), l.ring.oldest()
	if !s.extended || frames == 0 {
		return
	}
	limit := l.maxLevel()
	for next > oldest && frames > 0 {
		next--
		if l.ring.state(next) == ready && l.ring.level(next) < limit {
			frames--
		}
	}
	s.next.Store(next)
	s.skipped = 0
}

// retake takes the device over once more, after a fault in it or when it takes
// no frames. What it may have lost is sent again at the end.
func (l *Logger) retake() bool {
	c := &l.crash
	d := &c.device
	d.busy = false
	if c.mute || d.retakes >= maxRetakes {
		return false
	}
	d.retakes++
	lost := l.takeDevice()
	o := &c.opening
	switch {
	case !o.opened, l.sealing():
		l.rewind(lost)
	case lost > 0:
		head := l.ring.head.Load()
		first := max(head-min(lost, head), o.first)
		if head > first {
			c.lost += head - first
			d.owe(first)
			d.owe(head - 1)
		}
	}
	return true
}

// reportTrouble tells what the takeover did.
func (l *Logger) reportTrouble() {
	d := &l.crash.device
	var room [sayRoom]byte
	if n := d.lost - d.told; n > 0 {
		d.told = d.lost
		text := append(room[:0], "network device: reset, "...)
		text = strconv.AppendUint(text, n, 10)
		l.reportText(append(text, " frames given to it before may be lost"...), false)
	}
	if n := within(d.length, len(d.trouble)); n > 0 {
		d.length = 0
		text := append(room[:0], "network device: cannot be taken over: "...)
		l.reportText(append(text, d.trouble[:n]...), false)
	}
}

// awaitLink waits for a link that the reset took down. If it comes later, Poll
// sends the report again.
func (l *Logger) awaitLink() {
	c := &l.crash
	if c.mute || l.linkUp() {
		return
	}
	for p := l.pause(linkWait); !l.linkUp(); {
		if l.over(&p) {
			c.device.unlikely = true
			return
		}
	}
}

// A pause is a bounded wait.
type pause struct {
	end, last int64
	still     int // looks since the clock last moved
}

func (l *Logger) pause(d time.Duration) pause { return pause{end: l.now() + int64(d)} }

// over tells whether the wait has lasted long enough. Waiting is progress, too:
// it is bounded.
func (l *Logger) over(p *pause) bool {
	l.crash.progress.Add(1)
	now := l.now()
	if now != p.last {
		p.last, p.still = now, 0
	}
	p.still++
	return now >= p.end || p.still > maxStill
}

func (l *Logger) linkUp() bool {
	d := &l.crash.device
	d.busy = true
	up := l.device.Link()
	d.busy = false
	return up
}

// findStation makes sure of the addresses frames go to. If nobody answers, a
// target on the link still gets them by broadcast.
func (l *Logger) findStation() {
	c := &l.crash
	s := &l.network
	if c.mute {
		return
	}
	for i := range s.destinations() {
		if n := &s.to(i).neighbor; n.resolved.Load() == 0 {
			n.requests.Add(1)
			l.transmitControl(n.request.frame())
		}
	}
	for p := l.pause(answerWait); !l.allResolved() && !l.over(&p); {
		l.receive()
	}
	any := l.reach()
	for i := range s.destinations() {
		d := s.to(i)
		if d.late = d.mute; d.mute {
			continue
		}
		mac := d.neighbor.resolved.Load()
		if mac == 0 {
			mac = packMAC(broadcast[:])
			l.sayBroadcast(&d.neighbor)
		}
		// Whoever was interrupted may have been writing it.
		d.setStation(unpackMAC(mac))
	}
	if !any {
		c.mute, c.device.unlikely = true, true
	}
}

func (l *Logger) allResolved() bool {
	s := &l.network
	for i := range s.destinations() {
		if s.to(i).neighbor.resolved.Load() == 0 {
			return false
		}
	}
	return true
}

// sendMessage sends the message that was encoded last to a destination.
func (l *Logger) sendMessage(d *destination) bool {
	s := &l.network
	for s.done < s.length {
		if !l.transmitNow(s.piece(d)) {
			return false
		}
	}
	return true
}

// transmitNow gives a frame to the device, trying again within a bound, at last
// with a device taken over again. Once that was in vain, later frames get a
// single try until one succeeds.
func (l *Logger) transmitNow(frame []byte) bool {
	d := &l.crash.device
	for range transmitTries {
		if l.transmitOnce(frame) {
			return true
		}
		if d.deaf {
			return false
		}
		l.flushDevice()
	}
	d.deaf = true
	return l.retake() && l.transmitOnce(frame)
}

func (l *Logger) transmitOnce(frame []byte) bool {
	d := &l.crash.device
	d.busy = true
	err := l.device.Transmit(frame)
	d.busy = false
	if err != nil {
		l.network.errors.Add(1)
		return false
	}
	d.deaf = false
	l.crash.progress.Add(1)
	return true
}

func (l *Logger) flushDevice() bool {
	d := &l.crash.device
	d.busy = true
	err := l.device.Flush()
	d.busy = false
	if err != nil {
		l.network.errors.Add(1)
	}
	return err == nil
}
