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
	for sent < most {
		if !s.extended && s.lost.Load() != s.told {
			return sent, true
		}
		n, ok := l.sendBatch(min(most-sent, batchMost), patient)
		if sent += n; n == 0 || !ok {
			return sent, ok
		}
	}
	return sent, true
}

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
		if levelOf(slot) >= limit {
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
		n := s.put(room, slot, seq, skipped)
		if n == 0 || !l.ring.keeps(seq) {
			break
		}
		if !l.commit(&s.template, room[:headroom+n]) {
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

// put writes the message of a record behind the headroom of a device's room, and returns its length, 0 if it is not
// plain. The record may be overwritten meanwhile: then what it wrote is of no use.
func (s *sender) put(room []byte, slot *slot, seq, skipped uint64) int {
	record := s.plainRecord(slot, seq, skipped)
	if !s.extended {
		return wire.PutBasic(room[headroom:], &record)
	}
	if s.releases == 0 {
		return wire.PutExtended(room[headroom:], &record)
	}
	release := copy(room[headroom:], s.release[:within(s.releases, releaseSize)])
	n := wire.PutExtended(room[headroom+release:], &record)
	if n == 0 || n > wire.MaxDatagram-release {
		return 0
	}
	return release + n
}
