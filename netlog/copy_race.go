//go:build race

package netlog

import "gasp/netlog/wire"

// copyText copies as much of src as dst holds, and returns how much, unseen by
// the race detector: the ring's stamps guard its text, and it cannot know.
//
//go:norace
func copyText(dst, src []byte) int {
	n := min(len(dst), len(src))
	for i := range n {
		dst[i] = src[i]
	}
	return n
}

// levelOf is a record's level, which another context may change.
//
//go:norace
func levelOf(s *slot) Level { return s.level }

// plainRecord is the record in a slot, as package wire wants it: a copy, because the race detector sees what package
// wire reads.
//
//go:norace
func (s *sender) plainRecord(from *slot, seq, skipped uint64) wire.Record {
	to := &s.record
	n := min(from.length, TextSize)
	to.time, to.level, to.cont, to.length = from.time, from.level, from.cont, n
	copyText(to.text[:n], from.text[:n])
	return wire.Record{Level: uint8(to.level), Seq: seq, Time: to.time, Cont: to.cont, Text: to.text[:n], Skip: skipped}
}
