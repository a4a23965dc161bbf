package netlog

import "sync/atomic"

// MaxTargets is how many log hosts a machine sends to at the most.
const MaxTargets = 4

// A destination is a target as the sender has it. The sender's own is the first; with the others every record
// that it hands on goes to all of them.
type destination struct {
	template template
	format
	group    bool // the target is no single host
	neighbor neighbor
	final    prebuilt // of a sender that does not seal
	answers  answers  // to one that does
	missed   atomic.Uint64
	noted    uint64 // records lost or missed that this one was told of
	mute     bool   // in the crash path: it cannot be reached
	late     bool   // it could not be when the report was made, which it did not get
}

// A format is how a target wants its messages.
type format struct {
	extended bool
	release  [releaseSize]byte // with its comma
	releases int               // length of release
}

// prefix is what stands before a message.
func (f *format) prefix() []byte { return f.release[:within(f.releases, releaseSize)] }

// destinations is how many there are.
func (s *sender) destinations() int { return within(int(s.more.Load()), MaxTargets-1) + 1 }

// to is the i'th of them.
func (s *sender) to(i int) *destination {
	if i == 0 {
		return &s.destination
	}
	return &s.others[i-1]
}

// setStation sets the station that all frames to a target go to.
func (d *destination) setStation(mac [6]byte) {
	d.template.setDestination(mac)
	copy(d.final.frame[within(d.template.start, headroom):], mac[:])
}

// goesTo says whether frames to the target go anywhere now: not if nobody has answered for it yet, but by broadcast if
// the ring has no room for what waits, and the target may hear that.
func (l *Logger) goesTo(d *destination) bool {
	switch {
	case d.neighbor.resolved.Load() != 0:
		return true
	case d.neighbor.near.Load() == 0 || !l.pressed():
		return false
	}
	l.sayBroadcast(&d.neighbor)
	return true
}

// pressed says whether three quarters of the ring wait: more would soon be overwritten.
func (l *Logger) pressed() bool {
	return l.ring.head.Load()-l.network.next.Load() > l.ring.capacity()/4*3
}

// open says whether the next record can go out now. Of several targets those whose station is not known yet are
// waited for as long as it takes to ask for it three times; from then on they miss what the others get.
func (l *Logger) open() bool {
	s := &l.network
	if s.state.Load() != started || s.up.Load() == 0 {
		return false
	}
	if s.more.Load() == 0 {
		return s.neighbor.resolved.Load() != 0 || l.overflowing()
	}
	return l.openToSome()
}

func (l *Logger) openToSome() bool {
	s := &l.network
	known, waits, onLink := false, false, false
	for i := range s.destinations() {
		n := &s.to(i).neighbor
		if n.resolved.Load() != 0 {
			known = true
			continue
		}
		waits = waits || n.requests.Load() < silentRequests
		onLink = onLink || n.near.Load() != 0
	}
	return known && !waits || (known || onLink) && l.pressed()
}

// overflowing says whether the next record should go out by broadcast, because
// it would soon be overwritten and its station is not known yet: until it is,
// three quarters of the ring wait for it.
func (l *Logger) overflowing() bool { return l.network.neighbor.near.Load() != 0 && l.pressed() }
