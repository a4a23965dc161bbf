package netlog

import (
	"sync/atomic"
	"time"
)

const (
	// markPause lies between two signs of life in the kept memory.
	markPause = 100 * time.Millisecond
	// offersPerPoll bounds the records of the boot before that one Poll adds.
	offersPerPoll = 8
)

// A keeper copies the report to memory that outlives a warm reset, and offers
// what it found there.
type keeper struct {
	memory     []byte
	generation uint64
	seed       uint64
	at         int    // of the next record
	full       uint64 // records that had no room
	ended      bool

	busy   atomic.Uint32 // guards what follows
	next   int64         // time of the next mark
	turn   int
	offers []offered
	given  int // of them
}

// SetKeep gives the logger memory that outlives a warm reset, a few KiB at the
// least; it is no longer anybody else's. If the boot before left a report there,
// or died without one, that is offered as a report of form Kept once the network
// is up. It comes before anything crashes; Start makes the boot id known.
func (l *Logger) SetKeep(memory []byte) {
	k := &l.keep
	if before, ok := readKeep(memory); ok {
		k.offers, k.given = before.offer(), 0
		k.generation = before.generation
	}
	k.generation++
	k.memory = memory
	l.beginKeep()
}

// Forget makes the kept memory say nothing at the next boot, for a machine that
// is switched off as it should be.
func (l *Logger) Forget() {
	clear(l.keep.memory[:min(len(l.keep.memory), keepRecords)])
}

// beginKeep makes the memory this boot's.
func (l *Logger) beginKeep() {
	k := &l.keep
	var ok bool
	if k.seed, ok = keepBegin(k.memory, k.generation, l.crash.bootID()); !ok {
		k.at = 0
		return
	}
	k.at = keepRecords
	k.full, k.ended = 0, false
	keepMark(k.memory, k.seed, 0, l.microseconds(), l.ring.head.Load())
}

// keepRecord copies a record of the report.
func (l *Logger) keepRecord(number, time uint64, cont bool, text []byte) {
	k := &l.keep
	if k.at == 0 {
		return
	}
	at := keepAdd(k.memory, k.seed, k.at, number, time, cont, false, text)
	if at == k.at && len(k.memory) >= keepLeast {
		k.full++
		keepOverflow(k.memory, k.seed, k.full)
	}
	k.at = at
}

// keepEnd copies the end record, once.
func (l *Logger) keepEnd(number, time uint64, text []byte) {
	k := &l.keep
	if k.at != 0 && !k.ended {
		k.ended = true
		k.at = keepAdd(k.memory, k.seed, k.at, number, time, false, true, text)
	}
}

// pollKeep gives a sign of life and offers what the boot before left, as long as
// there is plenty of room for records of this one.
func (l *Logger) pollKeep() {
	k := &l.keep
	if k.at == 0 && k.given >= len(k.offers) || !k.busy.CompareAndSwap(0, 1) {
		return
	}
	if now := l.now(); k.at != 0 && now >= k.next {
		k.next = now + int64(markPause)
		k.turn++
		keepMark(k.memory, k.seed, k.turn, l.microseconds(), l.ring.head.Load())
	}
	for range offersPerPoll {
		if k.given >= len(k.offers) || !l.open() || l.pending() >= l.ring.capacity()/4 {
			break
		}
		o := &k.offers[k.given]
		k.given++
		l.store(Emerg, o.text, o.cont)
	}
	k.busy.Store(0)
}
