package netlog

import (
	"sync/atomic"

	"gasp/netlog/wire"
)

const (
	// basicPrefix is the longest "[%5lu.%06lu] ", with 2^64 microseconds.
	basicPrefix = 24
	// droppedNote is room for the line that says what is missing.
	droppedNote = 64
	// messageSize holds the longest message: in basic format a text of nothing
	// but newlines, which outgrows four bytes for one of the extended format.
	messageSize = (TextSize+1)*(basicPrefix+1) + droppedNote + releaseSize + wire.MaxHeader
)

// What busy of a sink is while somebody has it.
const (
	held         = 1
	heldByReport = 2 // one on demand, which goes on behind faults
)

// A sink hands the ring's records on in order, with a position of its own.
type sink struct {
	busy    atomic.Uint32 // guards what follows and what the sink hands on to
	next    atomic.Uint64 // number of the record to hand on next
	lost    atomic.Uint64 // records gone before they could be handed on
	told    uint64        // losses already told
	skipped uint64        // records just before next that the level held back
	record  slot
	length  int // of the message, without headroom
	done    int // bytes of the message already handed on
	message [headroom + messageSize]byte
}

// waiting says whether there is something to hand on or to count.
func (s *sink) waiting(r *ring) bool {
	state := r.state(s.next.Load())
	return state == ready || state == gone
}

// take copies the next record that is below limit. A record still being
// written ends the search: its writer hands it on. A ring that has more to pass
// over than it can hold was overwritten, and is mended.
func (s *sink) take(r *ring, limit Level) bool {
	for range 2 * Records {
		seq := s.next.Load()
		if oldest := r.oldest(); seq < oldest {
			s.lost.Add(oldest - seq)
			s.skipped = 0
			s.next.Store(oldest)
			seq = oldest
		}
		if r.read(seq, &s.record) {
			if s.record.level < limit {
				return true
			}
			s.skipped++
			s.next.Store(seq + 1)
			continue
		}
		switch r.state(seq) {
		case gone:
			s.lost.Add(1)
			s.skipped = 0
			s.next.Store(seq + 1)
		case absent, pending:
			return false
		}
	}
	r.mend(s.next.Load())
	return false
}

// wireRecord is the record taken last, as package wire wants it. Its text is
// the sink's own copy.
func (s *sink) wireRecord(seq uint64) wire.Record {
	return wire.Record{
		Level: uint8(s.record.level),
		Seq:   seq,
		Time:  s.record.time,
		Cont:  s.record.cont,
		Text:  s.record.text[:s.record.length],
		Skip:  s.skipped,
	}
}

// appendDropped appends a note of records that are gone, if that was not told yet.
func (s *sink) appendDropped(dst []byte) []byte {
	lost := s.lost.Load()
	if lost == s.told {
		return dst
	}
	dst = appendDropped(dst, lost-s.told)
	s.told = lost
	return dst
}

// handed marks the record taken last as handed on.
func (s *sink) handed() {
	s.length, s.done, s.skipped = 0, 0, 0
	s.next.Add(1)
}
