package netlog

import (
	"bytes"

	"gasp/netlog/wire"
)

// A record whose turn it is when it is made, and which is plain, goes out by the shortest way: its text is read once,
// and goes into the ring and into the memory that the device reads.

// emitRecord makes a record of text, as much as it holds, and sends it, and returns how much that is. Of several lines
// the first one is a record, if split is set: then a newline is known to follow text.
func (l *Logger) emitRecord(level Level, text []byte, cont, patient, split bool) int {
	r, s := &l.ring, &l.network
	seq, ok := r.reserve()
	if !ok {
		l.dropped.Add(1)
		l.drain(drainMost, patient)
		return recordEnd(text, split)
	}
	time := l.microseconds()
	level = min(level, Debug)
	if s.next.Load() != seq || !s.clear() || level >= l.maxLevel() || !s.busy.CompareAndSwap(0, 1) {
		n := r.fill(seq, time, level, cont, text[:recordEnd(text, split)])
		r.commit(seq)
		l.drain(drainMost, patient)
		return n
	}
	n, sent := 0, false
	if room := l.roomFor(seq, len(text), patient); room != nil {
		at := s.putHead(room, level, seq, time, cont, s.skipped)
		slot := r.describe(seq, time, level, cont, len(text))
		if n = len(text); putTwice(room[at:], slot.text[:], text) {
			r.commit(seq)
			sent = l.commit(room[:at+n+1])
		} else {
			n = recordEnd(text, split)
			slot.cut(n)
			r.commit(seq)
		}
	} else {
		n = r.fill(seq, time, level, cont, text[:recordEnd(text, split)])
		r.commit(seq)
	}
	if sent {
		l.device.Doorbell()
		s.skipped = 0
		s.next.Store(seq + 1)
		s.sent.Add(1)
	}
	s.busy.Store(0)
	if !sent || r.head.Load() != seq+1 || l.serial.connected.Load() != 0 {
		l.drain(drainMost, patient)
	}
	return n
}

// recordEnd is how much of text one record takes.
func recordEnd(text []byte, split bool) int {
	n := min(len(text), TextSize)
	if split {
		if i := bytes.IndexByte(text[:n], '\n'); i >= 0 {
			return i
		}
	}
	return n
}

// clear says whether a record can go out at once, unsealed and to a station that is known, and nobody else waits for
// the device.
func (s *sender) clear() bool {
	return s.state.Load() == started && s.up.Load() != 0 && s.neighbor.resolved.Load() != 0 &&
		s.sealed.sealer == nil && s.sharing.waiting.Load() == 0
}

// roomFor is the device's memory for record seq, if that is the next and its text may fit a datagram.
func (l *Logger) roomFor(seq uint64, length int, patient bool) []byte {
	s := &l.network
	if s.next.Load() != seq || s.length != 0 || s.owesNote() || length > wire.MaxPut-s.releases {
		return nil
	}
	return l.nextRoom(patient)
}
