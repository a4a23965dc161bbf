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

// putTwice is wire.PutTwice for a slot.
func putTwice(dst, slot, text []byte) bool {
	copyText(slot, text)
	return wire.PutPlain(dst, text)
}

// textOf is the text in a slot, which another context may change: a copy in room, because the race detector sees what
// package wire reads.
//
//go:norace
func textOf(s *slot, room []byte) []byte {
	n := min(s.length, TextSize)
	copyText(room[:n], s.text[:n])
	return room[:n]
}
