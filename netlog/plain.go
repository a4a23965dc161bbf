package netlog

import "gasp/netlog/wire"

// Most records are one line of text that stands in a datagram as it stands in the ring. They go from there straight
// into the memory that the device reads.

// batchMost is how many frames the device is told of at a time: what was sent when the machine died and was not
// noted yet goes out again.
const batchMost = 32

// sendPlain sends so many records, or until there is one that is not plain, or none. It returns false if the device
// takes none. The caller holds the sender.
func (l *Logger) sendPlain(most int, patient bool) (sent int, ok bool) {
	s := &l.network
	for sent < most && !s.owesNote() {
		n, ok := l.sendBatch(min(most-sent, batchMost), patient)
		if sent += n; n == 0 || !ok {
			return sent, ok
		}
	}
	return sent, true
}

// owesNote says whether a loss has to be told before the next record.
func (s *sender) owesNote() bool { return !s.extended && s.lost.Load() != s.told }

// sendBatch is sendPlain for a batch. It waits for the device only with nothing in hand.
func (l *Logger) sendBatch(most int, patient bool) (sent int, ok bool) {
	s := &l.network
	seq, skipped, limit := s.next.Load(), s.skipped, l.maxLevel()
	first := seq
	ok = true
	for sent < most {
		slot := l.ring.look(seq)
		if slot == nil {
			break
		}
		if _, level, _ := slot.about(); level >= limit {
			skipped++
			seq++
			continue
		}
		room := []byte(nil)
		if sent == 0 {
			if room = l.nextRoom(patient); room == nil {
				ok = false
				break
			}
		} else if room, _ = l.device.Room(false); len(room) < RoomSize {
			break
		}
		n := s.putRecord(room, slot, seq, skipped)
		if n == 0 || !l.ring.keeps(seq) {
			break
		}
		if !l.commit(&s.template, room[:n], false) {
			ok = false
			break
		}
		skipped = 0
		seq++
		sent++
	}
	if sent > 0 {
		l.device.Doorbell()
		s.sent.Add(uint64(sent))
	}
	if seq != first {
		s.skipped = skipped
		s.next.Store(seq)
	}
	return sent, ok
}

// putRecord writes the message of a record behind the headroom of a device's room, and returns where it ends, 0 if it
// is not plain. The record may be overwritten meanwhile: then what was written is of no use.
func (s *sender) putRecord(room []byte, slot *slot, seq, skipped uint64) int {
	time, level, cont := slot.about()
	text := textOf(slot, s.record.text[:])
	at := s.putHead(room, level, seq, time, cont, skipped)
	if len(text) > wire.MaxPut-s.releases {
		return 0
	}
	put := wire.PutPlain
	if !s.extended {
		put = wire.PutLine
	}
	if !put(room[at:], text) {
		return 0
	}
	return at + len(text) + 1
}

// putHead writes what stands before the text of a record's message behind the headroom of a device's room, and returns
// where that ends.
func (s *sender) putHead(room []byte, level Level, seq, time uint64, cont bool, skipped uint64) int {
	if !s.extended {
		return headroom + s.heads.PutTime(room[headroom:], time)
	}
	at := headroom
	if s.releases != 0 {
		at += copy(room[headroom:], s.prefix())
	}
	return at + s.heads.PutHeader(room[at:], uint8(level), seq, time, cont, skipped)
}
