//go:build !race

package netlog

import "gasp/netlog/wire"

// copyText copies as much of src as dst holds, and returns how much.
func copyText(dst, src []byte) int { return copy(dst, src) }

// putTwice is wire.PutTwice for a slot.
func putTwice(dst, slot, text []byte) bool { return wire.PutTwice(dst, slot, text) }

// textOf is the text in a slot, which another context may change. A copy may be kept in room.
func textOf(s *slot, _ []byte) []byte { return s.text[:min(s.length, TextSize)] }
