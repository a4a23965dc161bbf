package netlog

import "gasp/netlog/wire"

// A record whose turn it is when it is made, and which is plain, goes out by the shortest way: from the text that the
// program gave into the memory that the device reads. It is in the ring before that, like any other.

// express sends the record with number seq, which was just made of text. It returns false if there is, or may be,
// something left to do for drain.
func (l *Logger) express(seq, time uint64, level Level, cont bool, text []byte, patient bool) bool {
	s := &l.network
	if s.next.Load() != seq || level >= l.maxLevel() || !s.clear() || !s.busy.CompareAndSwap(0, 1) {
		return false
	}
	sent := s.next.Load() == seq && s.length == 0 && (s.extended || s.lost.Load() == s.told) && l.sendText(seq, time, level, cont, text, patient)
	s.busy.Store(0)
	return sent && l.ring.head.Load() == seq+1 && l.serial.connected.Load() == 0
}

// clear says whether a record can go out at once, unsealed and to a station that is known, and nobody else waits for
// the device.
func (s *sender) clear() bool {
	return s.state.Load() == started && s.up.Load() != 0 && s.neighbor.resolved.Load() != 0 &&
		s.sealed.sealer == nil && s.sharing.waiting.Load() == 0
}

// sendText sends one record, if it is plain.
func (l *Logger) sendText(seq, time uint64, level Level, cont bool, text []byte, patient bool) bool {
	s := &l.network
	room := l.nextRoom(patient)
	if room == nil {
		return false
	}
	record := wire.Record{Level: uint8(level), Seq: seq, Time: time, Cont: cont, Text: text, Skip: s.skipped}
	n := s.put(room, &record)
	if n == 0 || !l.commit(room[:headroom+n]) {
		return false
	}
	l.device.Doorbell()
	s.skipped = 0
	s.next.Store(seq + 1)
	s.sent.Add(1)
	return true
}

// put writes the message of a record behind the headroom of a device's room, and returns its length, 0 if it is not
// plain. The record's text may change meanwhile: then what was written is of no use.
func (s *sender) put(room []byte, record *wire.Record) int {
	if !s.extended {
		return wire.PutBasic(room[headroom:], record)
	}
	if s.releases == 0 {
		return wire.PutExtended(room[headroom:], record)
	}
	release := copy(room[headroom:], s.release[:within(s.releases, releaseSize)])
	n := wire.PutExtended(room[headroom+release:], record)
	if n == 0 || n > wire.MaxDatagram-release {
		return 0
	}
	return release + n
}
