//go:build !race

package netlog

import "gasp/netlog/wire"

// copyText copies as much of src as dst holds, and returns how much.
func copyText(dst, src []byte) int { return copy(dst, src) }

// levelOf is a record's level, which another context may change.
func levelOf(s *slot) Level { return s.level }

// plainRecord is the record in a slot, as package wire wants it. Another context may change it meanwhile.
func (s *sender) plainRecord(from *slot, seq, skipped uint64) wire.Record {
	return wire.Record{
		Level: uint8(from.level),
		Seq:   seq,
		Time:  from.time,
		Cont:  from.cont,
		Text:  from.text[:min(from.length, TextSize)],
		Skip:  skipped,
	}
}
