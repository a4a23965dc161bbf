package netlog

import "time"

const (
	// linkPause lies between two looks at the link.
	linkPause = 100 * time.Millisecond
	// maxReceive bounds the frames one Poll takes.
	maxReceive = 32
	// receiveSize holds the longest frame without FCS, with a VLAN tag.
	receiveSize = 1518
)

// A link is what Poll needs to watch the device.
type link struct {
	next  int64 // time of the next look
	frame [receiveSize]byte
}

// Poll does what has to be done from time to time: looks at the link, answers
// and asks for addresses, sends what could not be sent before. It belongs into
// the timer interrupt and the idle loop, never waits, and is cheap when there
// is nothing to do.
func (l *Logger) Poll() {
	s := &l.network
	if l.crash.dying() {
		l.pollDead()
		return
	}
	l.pollKeep()
	if s.sharing.attached.Load() != 0 && s.busy.CompareAndSwap(0, held) {
		now := l.now()
		s.due.Store(0)
		l.watchLink(now)
		l.receive()
		if s.up.Load() != 0 {
			l.mend(now)
		}
		if s.up.Load() != 0 && s.state.Load() == started {
			l.askAll(now)
			if l.sealing() && l.open() {
				l.tendSealed(now)
			}
		}
		s.busy.Store(0)
	}
	l.drain(pollMost, false)
}

func (l *Logger) watchLink(now int64) {
	s := &l.network
	if now < s.link.next {
		return
	}
	s.link.next = now + int64(linkPause)
	if l.clock == nil {
		s.link.next = 0
	}
	switch up := l.device.Link(); {
	case up && s.up.Load() == 0:
		s.up.Store(1)
		for i := range s.destinations() {
			s.to(i).neighbor.askAgain()
		}
		l.say(Info, sayLinkUp)
	case !up && s.up.Load() != 0:
		s.up.Store(0)
		l.say(Warning, sayLinkDown)
	}
}

// Received counts the frames that were taken from the device. Any context may ask.
func (l *Logger) Received() uint64 { return l.network.received.Load() }

// receive takes the frames that wait, within a bound.
func (l *Logger) receive() { l.receiveMost(maxReceive) }

// receiveMost takes up to so many of the frames that wait, and returns how many
// there were.
func (l *Logger) receiveMost(most int) int {
	s := &l.network
	buf := s.link.frame[:]
	for received := range most {
		n, err := l.device.Receive(buf)
		if err != nil {
			s.errors.Add(1)
			return received
		}
		if n <= 0 || n > len(buf) {
			return received
		}
		s.received.Add(1)
		if s.state.Load() != started || !l.handle(buf[:n]) {
			l.deliver(buf[:n])
		}
	}
	return most
}
