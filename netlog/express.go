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
		return l.emitNothing(text, patient, split)
	}
	time := l.microseconds()
	// At once, unsealed and to the one station, which is known, if nothing else waits.
	if s.next.Load() != seq || s.express.Load() == 0 || s.up.Load() == 0 || s.neighbor.resolved.Load() == 0 ||
		s.sharing.waiting.Load() != 0 || level >= l.maxLevel() ||
		len(text) > wire.MaxPut-releaseSize || !s.busy.CompareAndSwap(0, 1) {
		return l.emitInTurn(seq, time, level, text, cont, patient, split)
	}
	if s.next.Load() != seq || s.express.Load() == 0 || s.length != 0 || s.owesNote() {
		s.busy.Store(0)
		return l.emitInTurn(seq, time, level, text, cont, patient, split)
	}
	room, err := l.device.Room(patient)
	if len(room) < RoomSize {
		l.noRoom(err)
		s.busy.Store(0)
		return l.emitInTurn(seq, time, level, text, cont, patient, split)
	}
	at := 0
	if s.extended && s.releases == 0 {
		at = headroom + s.heads.PutHeader(room[headroom:], uint8(level), seq, time, cont, s.skipped)
	} else {
		at = s.putHead(room, level, seq, time, cont, s.skipped)
	}
	n := len(text)
	slot := r.describe(seq, time, level, cont, n)
	if !putTwice(room[at:], slot.text[:], text) {
		n = recordEnd(text, split)
		slot.cut(n)
		r.commit(seq)
		s.busy.Store(0)
		l.drain(drainMost, patient)
		return n
	}
	r.commit(seq)
	end := at + n + 1
	at = s.template.finish(room[:end])
	if err = l.device.Commit(at, end-at); err == nil {
		l.device.Doorbell()
		s.refused, s.skipped = 0, 0
		s.next.Store(seq + 1)
		s.sent.Add(1)
	}
	s.busy.Store(0)
	if err != nil || r.head.Load() != seq+1 || l.serial.connected.Load() != 0 {
		l.drain(drainMost, patient)
	}
	return n
}

// emitInTurn is emitRecord for record seq, which goes out with those before it.
func (l *Logger) emitInTurn(seq, time uint64, level Level, text []byte, cont, patient, split bool) int {
	n := l.ring.fill(seq, time, min(level, Debug), cont, text[:recordEnd(text, split)])
	l.ring.commit(seq)
	l.drain(drainMost, patient)
	return n
}

// emitNothing is emitRecord with no slot to be had.
func (l *Logger) emitNothing(text []byte, patient, split bool) int {
	l.dropped.Add(1)
	l.drain(drainMost, patient)
	return recordEnd(text, split)
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
