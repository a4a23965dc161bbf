package netlog

import (
	"sync/atomic"
	"time"

	"gasp/netlog/wire"
)

// A sealed is what a sender needs besides to seal its datagrams. The sender's busy flag guards it, but
// for what is atomic.
type sealed struct {
	sealer    *wire.Sealer // nil: datagrams are not sealed
	heartbeat time.Duration
	number    uint64       // of the datagram sealed last
	dying     uint64       // likewise, of the crash path's
	ordered   bool         // the machine ends as ordered
	started   atomic.Int64 // time of Start or Reconfigure

	// said is the number behind the last one that a datagram told of. From there to the sender's position
	// are records that the level keeps back.
	said   atomic.Uint64
	starts [startsKept]uint64
	sents  uint64 // datagrams given to the device

	repairs repairs
	probe   probe
	filling filling

	// A datagram that waits for the device, and what giving it away does.
	length   int // 0: there is none
	records  int
	gone     uint64
	upto     uint64 // where the sender goes on; 0: where it is
	now      int64  // when it was begun
	repaired bool   // it tells again of what was told
	only     int    // the destination that alone gets it, plus one; 0: all do
	turn     int    // the destination that gets it next
	frame    [headroom + wire.MaxSealed]byte
}

// startsKept is how many datagrams back it is known with which number they began: more frames than any
// device loses with a reset.
const startsKept = 512

// forget drops the datagram that waits: its records are told of by another one.
func (z *sealed) forget() { z.length, z.upto, z.only, z.turn = 0, 0, 0, 0 }

func (l *Logger) sealing() bool { return l.network.sealed.sealer != nil }

// takeNumber gives each datagram another number, the crash path's from a range of their own: whoever it
// interrupted may have been about to use the next ordinary one.
func (l *Logger) takeNumber() uint64 {
	z := &l.network.sealed
	if !l.crash.dying() {
		z.number++
		return z.number
	}
	z.dying = max(z.dying, wire.FirstCrashNumber-1) + 1
	return z.dying
}

// greatest is the greatest number that a log host can have heard.
func (z *sealed) greatest() uint64 { return max(z.number, z.dying) }

// seal makes the frame of a datagram of so many bytes that was begun and filled. Next is the number behind
// those that were told of once it is sent.
func (l *Logger) seal(length int, next uint64) {
	s := &l.network
	z := &s.sealed
	status := wire.Status{
		Time:      uint64(max(z.now, 0)) / uint64(time.Microsecond),
		Next:      next,
		Oldest:    l.ring.oldest(),
		Heartbeat: z.heartbeatTenths(),
		Want:      l.wants(z.now),
		Dying:     l.crash.dying() && !z.ordered,
		Over:      z.ordered || l.crash.tellsEnd(next),
		Proof:     s.answers.proof,
	}
	z.length = len(z.sealer.Seal(z.frame[headroom:headroom+length], l.takeNumber(), &status))
	z.turn = 0
}

// heartbeatTenths is the heartbeat in tenths of a second.
func (z *sealed) heartbeatTenths() uint16 { return uint16(z.heartbeat / (time.Second / 10)) }

// drainSealed is drainNetwork for a sender that seals. Answers are looked for as well, so that what is
// logged without a pause is acknowledged meanwhile.
func (l *Logger) drainSealed(most share, patient bool) {
	s := &l.network
	for most.network > 0 && l.open() && s.waiting(&l.ring) && l.mayGo() && s.busy.CompareAndSwap(0, most.holder) {
		if !l.ripe() {
			s.busy.Store(0)
			return
		}
		if l.awaits() {
			l.receive()
		}
		sent, ok := l.sendSealed(s.turnOf(most.network), patient)
		most.network -= sent
		s.busy.Store(0)
		if !ok {
			return
		}
		s.letOthers()
	}
}

// mayGo says whether records go out: once the log hosts have answered, or will not, or when the ring has no
// room for any more.
func (l *Logger) mayGo() bool {
	return l.allProven() || l.network.sealed.probe.alone.Load() != 0 || l.pressed()
}

// sendSealed sends so many records, first those that were asked for again. The caller holds the sender.
func (l *Logger) sendSealed(most int, patient bool) (sent int, ok bool) {
	s := &l.network
	z := &s.sealed
	for sent < most {
		if !l.open() {
			return sent, true
		}
		if z.length == 0 && !l.prepareRepair() && !(l.mayGo() && l.ripe() && l.prepareRecords()) {
			return sent, true
		}
		sent += max(z.records, 1)
		if !l.handSealed(patient) {
			return sent, false
		}
	}
	return sent, true
}

// prepareRecords makes a datagram of as many records as are ready and fit. Those that the level keeps back
// go with the next ones that it does not.
func (l *Logger) prepareRecords() bool {
	s := &l.network
	z := &s.sealed
	next, end := s.next.Load(), l.ring.head.Load()
	if next >= end {
		return false
	}
	g := l.gatherFrom(next, end)
	if g.records == 0 && g.gone == 0 {
		s.next.Store(g.seq)
		return false
	}
	z.records, z.gone, z.upto, z.repaired = g.records, g.gone, g.seq, false
	l.seal(g.length, g.seq)
	return true
}

// sealedFrame is the frame of the prepared datagram to a destination.
func (s *sender) sealedFrame(d *destination) []byte {
	return d.template.complete(s.sealed.frame[:headroom+within(s.sealed.length, wire.MaxSealed)])
}

// forTurn is the destination that the prepared datagram goes to next, nil if it goes to no more.
func (z *sealed) forTurn(s *sender) *destination {
	for ; z.turn < s.destinations(); z.turn++ {
		if z.only == 0 || z.turn == z.only-1 {
			return s.to(z.turn)
		}
	}
	return nil
}

// handSealed gives the prepared datagram to the device; if that refuses it, it is tried again next time.
func (l *Logger) handSealed(patient bool) bool {
	s := &l.network
	z := &s.sealed
	for d := z.forTurn(s); d != nil; d = z.forTurn(s) {
		if l.goesTo(d) {
			room := l.nextRoom(patient)
			if room == nil {
				return false
			}
			if l.device.Commit(0, copy(room, s.sealedFrame(d)), true) != nil {
				s.errors.Add(1)
				s.refuse(l.now())
				return false
			}
			if s.refused != 0 {
				s.took()
			}
		}
		z.turn++
	}
	l.handedSealed()
	return true
}

// handedSealed notes that the device has the prepared datagram.
func (l *Logger) handedSealed() {
	s := &l.network
	z := &s.sealed
	z.starts[z.sents%startsKept] = s.next.Load()
	z.sents++
	z.length, z.only = 0, 0
	z.probe.sent = z.now
	if z.repaired {
		z.repairs.sent.Add(uint64(z.records))
	}
	if z.upto == 0 {
		return
	}
	z.filling.sent(z.upto, z.records, z.now)
	said := z.said.Load()
	for i := range s.destinations() {
		a := &s.to(i).answers
		// A probe for the sake of another one is not to be answered by this one for ever.
		if !a.owes(said) && (s.more.Load() == 0 || z.upto > said) {
			l.beginProbes(z.now)
			a.heard.Store(z.now)
			a.moved.Store(z.now)
		}
	}
	s.sent.Add(uint64(z.records))
	s.lost.Add(z.gone)
	z.said.Store(max(said, z.upto))
	s.next.Store(z.upto)
	z.upto = 0
}

// startOf is the number with which the datagram so many back began.
func (z *sealed) startOf(back uint64) uint64 {
	back = min(back, startsKept, z.sents)
	if back == 0 {
		return ^uint64(0)
	}
	return z.starts[(z.sents-back)%startsKept]
}
