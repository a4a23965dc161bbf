package screen

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// queueSize is how many bytes wait for a slow terminal.
	queueSize = 8 << 20
	// closePatience is how long Close waits for it.
	closePatience = 2 * time.Second
)

// Queue stands before a terminal or pipe that may stall, so that reception never waits for it. What
// comes while it is full is left out, and counted where it is missing.
type Queue struct {
	out     io.Writer
	mu      sync.Mutex
	change  sync.Cond
	waiting []byte
	left    uint64 // lines left out, not yet said
	lost    uint64 // and in all
	closed  bool
	done    chan struct{}
}

// NewQueue returns a queue before out.
func NewQueue(out io.Writer) *Queue {
	q := &Queue{out: out, done: make(chan struct{})}
	q.change.L = &q.mu
	go q.run()
	return q
}

// Write takes a whole number of lines, or leaves them out. It never fails and never waits.
func (q *Queue) Write(lines []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting)+len(lines) > queueSize {
		q.left++
		q.lost++
		return len(lines), nil
	}
	if q.left > 0 {
		q.waiting = fmt.Appendf(q.waiting, "-- %d records not shown, the output was too slow\n", q.left)
		q.left = 0
	}
	q.waiting = append(q.waiting, lines...)
	q.change.Signal()
	return len(lines), nil
}

// Name is what metrics call it.
func (*Queue) Name() string { return "terminal" }

// Waiting is how many bytes wait for out.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// Lost counts the lines that were left out.
func (q *Queue) Lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lost
}

// Close waits until everything is written, though not long.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.change.Signal()
	q.mu.Unlock()
	select {
	case <-q.done:
	case <-time.After(closePatience):
	}
}

func (q *Queue) run() {
	defer close(q.done)
	var batch []byte
	for {
		q.mu.Lock()
		for len(q.waiting) == 0 && !q.closed {
			q.change.Wait()
		}
		if len(q.waiting) == 0 {
			q.mu.Unlock()
			return
		}
		batch, q.waiting = q.waiting, batch[:0]
		q.mu.Unlock()
		q.out.Write(batch)
	}
}
