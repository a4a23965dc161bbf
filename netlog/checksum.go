package netlog

import (
	"encoding/binary"
	"math/bits"
)

// sum is the ones' complement sum of b in 16 bits (RFC 1071), as the bytes of a big-endian word. It adds words of
// eight bytes, and swaps the bytes of their sum.
func sum(b []byte) uint32 {
	s, carry := uint64(0), uint64(0)
	for len(b) >= 32 {
		p := (*[32]byte)(b)
		s, carry = bits.Add64(s, binary.LittleEndian.Uint64(p[:]), 0)
		s, carry = bits.Add64(s, binary.LittleEndian.Uint64(p[8:]), carry)
		s, carry = bits.Add64(s, binary.LittleEndian.Uint64(p[16:]), carry)
		s, carry = bits.Add64(s, binary.LittleEndian.Uint64(p[24:]), carry)
		s += carry
		b = b[32:]
	}
	for len(b) >= 8 {
		s, carry = bits.Add64(s, binary.LittleEndian.Uint64(b), 0)
		s += carry
		b = b[8:]
	}
	if len(b) > 0 {
		s, carry = bits.Add64(s, tail(b), 0)
		s += carry
	}
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	return uint32(bits.ReverseBytes16(fold(uint32(s))))
}

// tail is the last bytes, seven at the most, as a little-endian word.
func tail(b []byte) (w uint64) {
	if len(b) >= 4 {
		w = uint64(binary.LittleEndian.Uint32(b[len(b)-4:])) << (8 * (len(b) - 4))
		b = b[:len(b)-4]
		switch len(b) {
		case 3:
			return w | uint64(b[2])<<16 | uint64(b[1])<<8 | uint64(b[0])
		case 2:
			return w | uint64(b[1])<<8 | uint64(b[0])
		case 1:
			return w | uint64(b[0])
		}
		return w
	}
	for i, c := range b {
		w |= uint64(c) << (8 * i)
	}
	return w
}

// fold adds the halves of a sum until it has 16 bits.
func fold(s uint32) uint16 {
	s = s>>16 + s&0xffff
	return uint16(s>>16 + s)
}
