package queue

import (
	"time"

	"gasp/internal/source"
)

// run hands everything to the inner sink, until the queue is closed and empty.
func (q *Queue) run() {
	defer close(q.done)
	var taken []*chunk
	for closed := false; !closed; {
		q.await()
		var reopen bool
		taken, reopen, closed = q.take(taken[:0])
		if r, ok := q.inner.(interface{ Reopen() }); ok && reopen {
			r.Reopen()
		}
		for _, c := range taken {
			c.hand(q.inner)
			q.waiting.Add(-int64(c.size))
			if len(c.barriers) == 0 {
				q.giveBack(c)
			}
		}
		if f, ok := q.inner.(interface{ Flush() }); ok {
			f.Flush()
		}
		for _, c := range taken {
			if len(c.barriers) > 0 {
				for _, handed := range c.barriers {
					close(handed)
				}
				q.giveBack(c)
			}
		}
	}
	if c, ok := q.inner.(interface{ Close() }); ok {
		c.Close()
	}
}

// await waits until there is something to do, and then a little for more to come with it.
func (q *Queue) await() {
	q.mu.Lock()
	for len(q.full) == 0 && len(q.filling.events) == 0 && len(q.filling.barriers) == 0 && len(q.left.counts) == 0 && !q.reopen && !q.closed {
		q.wake.Wait()
	}
	hurry := q.Waiting() > q.options.Limit/4 || len(q.filling.barriers) > 0 || q.closed
	q.mu.Unlock()
	if !hurry {
		time.Sleep(linger)
	}
}

// take returns all that waits, with notes behind it for what was left out so far.
func (q *Queue) take(into []*chunk) (taken []*chunk, reopen, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for from, n := range q.left.counts {
		q.charge(noteSize)
		q.filling.note(&source.Note{From: from, At: q.left.at, Kind: source.Overflow, Count: n})
	}
	clear(q.left.counts)
	reopen, q.reopen = q.reopen, false
	taken = append(append(into, q.full...), q.filling)
	clear(q.full)
	q.full, q.filling = q.full[:0], q.fresh()
	return taken, reopen, q.closed
}

// giveBack keeps an empty chunk for reuse.
func (q *Queue) giveBack(c *chunk) {
	c.empty()
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.free) < maxFree {
		q.free = append(q.free, c)
	}
}
