package netlog

import "time"

// refusalLimit is how long a device may refuse frames before it is taken over:
// longer than any ring takes to drain.
const refusalLimit = 2 * time.Second

// refuse notes that the device has just refused a frame.
func (s *sender) refuse(now int64) {
	if s.refused == 0 {
		s.refused = max(now, 1)
		s.full.Store(s.refused)
	}
}

// took notes that the device takes frames again.
func (s *sender) took() {
	s.refused = 0
	s.full.Store(0)
}

// jammed says whether the device has no room, and not for so long that it is not worth waiting for.
func (l *Logger) jammed() bool {
	since := l.network.full.Load()
	return since != 0 && l.now()-since < int64(refusalLimit)
}

// mend brings a device back that has refused frames for too long, and says so.
// The caller holds the sender.
func (l *Logger) mend(now int64) {
	s := &l.network
	if s.refused == 0 || now-s.refused < int64(refusalLimit) {
		return
	}
	s.refused = max(now, 1) // the next attempt is as far away
	if _, err := l.device.TakeOver(); err != nil {
		s.errors.Add(1)
		if !s.dead {
			l.say(Err, sayDead)
		}
		s.dead = true
		return
	}
	s.dead = false
	l.say(Err, sayMended)
}
