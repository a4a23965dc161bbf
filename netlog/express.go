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
	seq := r.head.Add(1) - 1
	i := r.index(seq)
	stamp := &r.stamps[i]
	if was := stamp.Load(); was&1 != 0 || was > complete(seq) || !stamp.CompareAndSwap(was, writing(seq)) {
		return l.emitElsewhere(seq, level, text, cont, patient, split)
	}
	time, n := l.microseconds(), len(text)
	// At once, unsealed and to the one station, which is known, if nothing else waits.
	if s.next.Load() != seq || level >= l.maxLevel() || n > wire.MaxPut-releaseSize || !s.clear() || !s.busy.CompareAndSwap(0, held) {
		return l.emitInTurn(seq, time, level, text, cont, patient, split)
	}
	if s.next.Load() != seq || s.express.Load() == 0 || s.length != 0 || s.owesNote() {
		s.busy.Store(0)
		return l.emitInTurn(seq, time, level, text, cont, patient, split)
	}
	room, err := l.device.Room(false)
	if len(room) < RoomSize {
		if err != nil {
			l.noRoom(err)
		}
		s.busy.Store(0)
		return l.emitInTurn(seq, time, level, text, cont, patient, split)
	}
	var at int
	switch {
	case !s.extended:
		at = headroom + s.heads.PutTime(room[headroom:], time)
	case s.releases == 0:
		at = headroom + s.heads.PutHeader(room[headroom:], uint8(level), seq, time, cont, s.skipped)
	default:
		at = s.putHead(room, level, seq, time, cont, s.skipped)
	}
	slot := &r.slots[i]
	slot.describe(time, level, cont, n)
	if !putTwice(room[at:], slot.text[:], text) {
		n = recordEnd(text, split)
		slot.cut(n)
		stamp.Store(complete(seq))
		s.busy.Store(0)
		l.drain(drainMost, patient)
		return n
	}
	stamp.Store(complete(seq))
	end := at + n + 1
	at = s.template.finish(room, end)
	if err = l.device.Commit(at, end-at, true); err == nil {
		s.skipped = 0
		if s.refused != 0 {
			s.took()
		}
		s.next.Store(seq + 1)
		s.sent.Add(1)
	}
	s.busy.Store(0)
	if err != nil || r.head.Load() != seq+1 || l.serial.connected.Load() != 0 {
		l.drain(drainMost, patient)
	}
	return n
}

// clear says whether records can go out unsealed, to the one target there is and whose station is known, and nobody
// else waits for the device.
func (s *sender) clear() bool {
	return (s.express.Load()-1)|(s.up.Load()-1)|s.sharing.waiting.Load() == 0 && s.neighbor.resolved.Load() != 0
}

// emitElsewhere is emitRecord when another has the slot of number seq.
func (l *Logger) emitElsewhere(seq uint64, level Level, text []byte, cont, patient, split bool) int {
	r := &l.ring
	if !r.claim(seq) {
		var ok bool
		if seq, ok = r.reserve(); !ok {
			l.dropped.Add(1)
			l.drain(drainMost, patient)
			return recordEnd(text, split)
		}
	}
	return l.emitInTurn(seq, l.microseconds(), level, text, cont, patient, split)
}

// emitInTurn is emitRecord for record seq, which goes out with those before it.
func (l *Logger) emitInTurn(seq, time uint64, level Level, text []byte, cont, patient, split bool) int {
	n := l.ring.fill(seq, time, min(level, Debug), cont, text[:recordEnd(text, split)])
	l.ring.commit(seq)
	l.drain(drainMost, patient)
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
