package queue

import (
	"time"

	"gasp/internal/source"
)

// accept returns the chunk that takes an event of a sender, behind what is to be said about those of
// that sender that were left out. If there is no room it counts, and returns nil. Size is what its
// items take, and bytes how many they point to. Spare is for what may use the last quarter.
func (q *Queue) accept(from *source.Origin, at time.Time, size, bytes int, spare bool) *chunk {
	c := q.room(size, bytes, spare, from.Settled)
	switch {
	case c == nil:
		q.lost.Add(1)
		q.left.add(from, at)
	case len(q.left.counts) > 0:
		if n := q.left.counts[*from]; n > 0 {
			delete(q.left.counts, *from)
			q.charge(noteSize)
			c.note(&source.Note{From: *from, At: at, Kind: source.Overflow, Count: n})
		}
	}
	return c
}

// room returns the chunk that takes an event, nil if there is no room.
func (q *Queue) room(size, bytes int, spare, settled bool) *chunk {
	size += bytes
	waiting, limit := int(q.waiting.Load()), q.options.Limit
	if waiting <= limit/2 {
		q.stopped = false
	}
	if waiting <= limit/4 {
		q.crowded = false
	}
	switch {
	case q.closed || waiting+size > limit:
		q.stopped = true
		return nil
	case !settled && (q.crowded && !spare || waiting+size > limit/2):
		q.crowded = true
		return nil
	case !spare && (q.stopped || waiting+size > limit/4*3):
		q.stopped = true
		return nil
	}
	if q.filling.size > 0 && (q.filling.size+size > chunkSize || len(q.filling.bytes)+bytes > arenaSize) {
		q.full = append(q.full, q.filling)
		q.filling = q.fresh()
	}
	q.charge(size)
	if len(q.full) == 0 && q.filling.size == size {
		q.wake.Signal()
	}
	return q.filling
}

func (q *Queue) charge(size int) {
	q.filling.size += size
	q.waiting.Add(int64(size))
}

// fresh returns an empty chunk.
func (q *Queue) fresh() *chunk {
	if n := len(q.free); n > 0 {
		c := q.free[n-1]
		q.free = q.free[:n-1]
		return c
	}
	return new(chunk)
}

// maxOrigins is how many senders are told apart of which something was left out.
const maxOrigins = source.MaxSources

// left counts what was left out and has not been said yet.
type left struct {
	counts map[source.Origin]uint64 // by sender; the zero one is all that are too many
	at     time.Time
}

func (l *left) add(from *source.Origin, at time.Time) {
	if l.counts == nil {
		l.counts = make(map[source.Origin]uint64)
	}
	l.at = at
	if _, known := l.counts[*from]; !known && len(l.counts) >= maxOrigins {
		l.counts[source.Origin{}]++
		return
	}
	l.counts[*from]++
}
