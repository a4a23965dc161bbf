package netlog

import (
	"time"

	"gasp/netlog/wire"
)

// A sealed datagram costs much, whatever is in it. So records that are made one soon after the other share one: the first
// after a pause goes out at once, and those behind it when they fill a datagram, or a little later.

// fillTime is how long after a datagram with records the next one may be waited for to fill.
const fillTime = time.Millisecond

// A filling is what is known of the records that wait. The sender's busy flag guards it.
type filling struct {
	counted uint64 // number behind the last one that is counted
	size    int    // of the items of those, from the sender's position on
	last    int64  // time of the last datagram with records
}

// ripe says whether the records that wait go out now. If not, they are due at a time that Deadline tells. The caller
// holds the sender.
func (l *Logger) ripe() bool {
	s := &l.network
	f := &s.sealed.filling
	head := l.ring.head.Load()
	next := s.next.Load()
	if next >= head {
		return false
	}
	if f.counted < next || f.counted > head {
		f.counted, f.size = next, 0
	}
	for limit := l.maxLevel(); f.counted < head && f.size <= itemsRoom; f.counted++ {
		slot := l.ring.look(f.counted)
		if slot == nil {
			break
		}
		if level, length := slot.levelAndLength(); level < limit {
			f.size += wire.RecordOverhead + length
		} else {
			f.size += wire.SpanItemSize
		}
	}
	if f.size <= itemsRoom && l.clock != nil {
		if due := f.last + int64(fillTime); l.now() < due {
			s.due.Store(due)
			return false
		}
	}
	return true
}

// sent notes that a datagram of so many records went out, and where the next one begins.
func (f *filling) sent(next uint64, records int, now int64) {
	f.counted, f.size = next, 0
	if records > 0 {
		f.last = now
	}
}

// Deadline is when Poll is to be called next, by the clock of SetClock, because something waits for it that should not wait
// until the next look at the network; 0 if nothing does.
func (l *Logger) Deadline() int64 { return l.network.due.Load() }
