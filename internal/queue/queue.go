// Package queue stands before any sink, so that a slow or failing one never holds up reception.
package queue

import (
	"sync"
	"sync/atomic"
	"time"

	"gasp/internal/source"
)

const (
	// DefaultLimit is how many bytes wait for a sink by default.
	DefaultLimit = 16 << 20
	// linger is how long the sink's goroutine lets more come once something waits, so that it is
	// woken, and writes, for many records and not for each.
	linger = 5 * time.Millisecond
)

// Options say how a queue works.
type Options struct {
	// Name is what metrics and messages call the sink.
	Name string
	// Limit is how many bytes may wait, with what is needed to keep them; 0 means DefaultLimit. The
	// memory that is used can be twice that.
	Limit int
	// Reports says that the sink wants CrashRecord and CrashDatagram too. Without it they are left
	// out, for Record brings the same records.
	Reports bool
}

// Queue is a source.Sink that copies what it is handed, and lets a goroutine of its own hand it to
// an inner sink, in the same order. It never waits: what comes while it is full is left out and
// counted, and as soon as there is room the inner sink is told with an Overflow note for each sender,
// before anything else of that sender. Once it was full it takes ordinary records again only when it
// is half empty; notes and what is of a report still get a last quarter of the room that ordinary
// records do not use. Half of the room is for senders that are settled (source.Origin): those of others are
// left out when half of it is full, and taken again when three quarters are free, so that a sink that is
// too slow for a flood of invented senders still gets all of the real ones.
//
// The inner sink gets its own copies, which are valid until it returns. That goes for a report too,
// which is a snapshot of when the event was: it is the same one as another with the same ID, and what
// the sink writes into it nobody sees. Its beginning or its end may be missing, if it was left out.
//
// The inner sink may have more methods, which the same goroutine calls: Flush() when it was handed
// all that waited, Reopen() after Queue.Reopen, Close() when it was handed the last.
//
// Any goroutine may call a queue's methods.
type Queue struct {
	inner   source.Sink
	options Options
	done    chan struct{}
	waiting atomic.Int64  // bytes, those in the inner sink's hands included
	lost    atomic.Uint64 // records and the like, since the start

	mu      sync.Mutex
	wake    sync.Cond
	filling *chunk   // the newest
	full    []*chunk // those before it, the oldest first
	free    []*chunk
	left    left
	stopped bool // it was full, and takes no ordinary records yet
	crowded bool // half of it was full, and it takes none of senders that are not settled yet
	reopen  bool
	closed  bool
}

// New returns a queue before inner, and starts its goroutine, which Close ends.
func New(inner source.Sink, o Options) *Queue {
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	q := &Queue{inner: inner, options: o, done: make(chan struct{}), filling: new(chunk)}
	q.wake.L = &q.mu
	go q.run()
	return q
}

// Name is what metrics and messages call the sink.
func (q *Queue) Name() string { return q.options.Name }

// Waiting is how many bytes wait for the sink, with what is needed to keep them.
func (q *Queue) Waiting() int { return int(q.waiting.Load()) }

// Lost counts since the start what was left out: records, notes, and what there is of reports.
func (q *Queue) Lost() uint64 { return q.lost.Load() }

// Reopen asks the inner sink, if it has a method of that name, to begin its files or connections
// anew.
func (q *Queue) Reopen() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reopen = true
	q.wake.Signal()
}

// Do lets the sink's goroutine call something, in its turn. It returns false, and counts, if there is
// no room.
func (q *Queue) Do(call func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.room(callSize, 0, true, true)
	if c == nil {
		q.lost.Add(1)
		return false
	}
	c.call(call)
	return true
}

// Flush waits until the inner sink has been handed all that came before and its Flush has returned,
// but no longer than patience. It returns false if that was too short.
func (q *Queue) Flush(patience time.Duration) bool {
	handed := make(chan struct{})
	q.mu.Lock()
	q.filling.barriers = append(q.filling.barriers, handed)
	q.wake.Signal()
	q.mu.Unlock()
	select {
	case <-handed:
		return true
	case <-q.done:
		return true
	case <-time.After(patience):
		return false
	}
}

// Close waits until the inner sink has been handed everything and its Close has returned, but no longer
// than patience. It returns false if that was too short; then Waiting bytes are lost with the
// program's end. What comes after Close is left out and counted.
func (q *Queue) Close(patience time.Duration) bool {
	q.mu.Lock()
	q.closed = true
	q.wake.Signal()
	q.mu.Unlock()
	select {
	case <-q.done:
		return true
	case <-time.After(patience):
		return false
	}
}
