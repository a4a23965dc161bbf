package netlog

import "gasp/netlog/wire"

// A record whose turn it is when it is made, and which is plain, goes out by the shortest way: its text is read once,
// and goes into the ring and into the memory that the device reads.

// emitRecord makes a record of as much of text as it holds, and sends it.
func (l *Logger) emitRecord(level Level, text []byte, cont, patient bool) int {
	r, s := &l.ring, &l.network
	n := min(len(text), TextSize)
	level = min(level, Debug)
	seq, ok := r.reserve()
	if !ok {
		l.dropped.Add(1)
		l.drain(drainMost, patient)
		return n
	}
	time := l.microseconds()
	slot := r.describe(seq, time, level, cont, n)
	if s.next.Load() == seq && s.clear() && level < l.maxLevel() && s.busy.CompareAndSwap(0, 1) {
		sent := l.express(seq, time, level, cont, text[:n], slot, patient)
		s.busy.Store(0)
		if sent && r.head.Load() == seq+1 && l.serial.connected.Load() == 0 {
			return n
		}
	} else {
		copyText(slot.text[:], text[:n])
		r.commit(seq)
	}
	l.drain(drainMost, patient)
	return n
}

// clear says whether a record can go out at once, unsealed and to a station that is known, and nobody else waits for
// the device.
func (s *sender) clear() bool {
	return s.state.Load() == started && s.up.Load() != 0 && s.neighbor.resolved.Load() != 0 &&
		s.sealed.sealer == nil && s.sharing.waiting.Load() == 0
}

// express completes record seq, which has a slot, and sends it, if it is plain and the next. The caller holds the
// sender.
func (l *Logger) express(seq, time uint64, level Level, cont bool, text []byte, slot *slot, patient bool) bool {
	s := &l.network
	var room []byte
	if s.next.Load() == seq && s.length == 0 && !s.owesNote() && len(text) <= wire.MaxPut-s.releases {
		room = l.nextRoom(patient)
	}
	if room == nil {
		copyText(slot.text[:], text)
		l.ring.commit(seq)
		return false
	}
	at := s.putHead(room, level, seq, time, cont, s.skipped)
	plain := putTwice(room[at:], slot.text[:], text)
	l.ring.commit(seq)
	if !plain || !l.commit(room[:at+len(text)+1]) {
		return false
	}
	l.device.Doorbell()
	s.skipped = 0
	s.next.Store(seq + 1)
	s.sent.Add(1)
	return true
}
