package netlog

import (
	"encoding/binary"
	"math/bits"
)

// sumPortably is the ones' complement sum of b in 16 bits (RFC 1071), as the bytes of a big-endian word: words of
// eight bytes are added, and the bytes of their sum swapped.
func sumPortably(b []byte) uint16 {
	s, carry := uint64(0), uint64(0)
	for ; len(b) >= 8; b = b[8:] {
		s, carry = bits.Add64(s, binary.LittleEndian.Uint64(b), 0)
		s += carry
	}
	last := uint64(0)
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	s, carry = bits.Add64(s, last, 0)
	s += carry
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	return bits.ReverseBytes16(fold(uint32(s)))
}

// fold adds the halves of a sum until it has 16 bits.
func fold(s uint32) uint16 {
	s = s>>16 + s&0xffff
	return uint16(s>>16 + s)
}
