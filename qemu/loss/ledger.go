package main

import (
	"sync"

	"gasp/internal/lossy"
	"gasp/netlog/wire"
)

// A ledger is what the network did to the records of the extended format, by number.
type ledger struct {
	mu      sync.Mutex
	records map[uint64]*passage
}

// passage is what of a record came through: the bytes of its message, each counted once.
type passage struct {
	total   int
	through map[int]bool // by offset of the fragment
	bytes   int
}

func newLedger() *ledger { return &ledger{records: make(map[uint64]*passage)} }

// note takes the fate of a datagram.
func (l *ledger) note(f lossy.Fate) {
	if f.Direction != lossy.Forth || wire.IsSealed(f.Payload) {
		return
	}
	d, err := wire.Decode(f.Payload, make([]byte, 0, len(f.Payload)+1))
	if err != nil || !d.Extended {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.records[d.Seq]
	if p == nil {
		p = &passage{through: make(map[int]bool)}
		l.records[d.Seq] = p
	}
	if p.total = d.FragTotal; p.total == 0 {
		p.total = len(d.Body)
	}
	if f.Copies > 0 && !p.through[d.FragOffset] {
		p.through[d.FragOffset] = true
		p.bytes += len(d.Body)
	}
}

// lost returns the numbers of which nothing came through, those behind the last one that did left out: a receiver cannot
// know of them.
func (l *ledger) lost() map[uint64]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, first := uint64(0), ^uint64(0)
	for seq, p := range l.records {
		if p.bytes > 0 {
			last, first = max(last, seq), min(first, seq)
		}
	}
	lost := make(map[uint64]bool)
	for seq, p := range l.records {
		if p.bytes == 0 && seq > first && seq < last {
			lost[seq] = true
		}
	}
	return lost
}
