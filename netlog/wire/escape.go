package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// appendEscaped appends text with every byte below 0x20, from 0x7f on, and the backslash as \xHH
// (printk.c, msg_add_ext_text).
func appendEscaped(dst, text []byte) []byte {
	for {
		n := plainPrefix(text)
		dst = append(dst, text[:n]...)
		if n == len(text) {
			return dst
		}
		c := text[n]
		dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		text = text[n+1:]
	}
}

// plainPrefix returns how many bytes at the start of text need no escape. It looks at sixteen at a time.
func plainPrefix(text []byte) int {
	n := 0
	for ; n <= len(text)-16; n += 16 {
		pair := text[n : n+16]
		if others := suspects(binary.LittleEndian.Uint64(pair), ' ') | suspects(binary.LittleEndian.Uint64(pair[8:]), ' '); others&highBits != 0 {
			break
		}
	}
	for ; n <= len(text)-8; n += 8 {
		if others := suspects(binary.LittleEndian.Uint64(text[n:n+8]), ' ') & highBits; others != 0 {
			return n + bits.TrailingZeros64(others)/8
		}
	}
	if n < len(text) && len(text) >= 8 && suspects(binary.LittleEndian.Uint64(text[len(text)-8:]), ' ')&highBits == 0 {
		return len(text)
	}
	for n < len(text) && isPlain(text[n], ' ') {
		n++
	}
	return n
}

// isPlain says whether c is neither below least, nor 0x7f or above, nor the backslash.
func isPlain(c, least byte) bool { return c >= least && c < 0x7f && c != '\\' }

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// suspects returns a word in which the lowest high bit of a byte is that of the first byte of w that is
// not plain; none is set if all are. least is at most 0x80. Behind the first byte a borrow or a carry may
// set further bits.
func suspects(w, least uint64) uint64 {
	return (w - least*everyByte) | ((w ^ '\\'*everyByte) - everyByte) | (w + everyByte)
}

// unescape returns text with its \xHH turned into bytes, anything else as it is: text itself when
// there are none, otherwise what it appended to dst.
func unescape(dst, text []byte) (out, rest []byte) {
	i := bytes.IndexByte(text, '\\')
	if i < 0 {
		return text, dst
	}
	start := len(dst)
	dst = append(dst, text[:i]...)
	dst = appendUnescaped(dst, text[i:], false)
	return dst[start:len(dst):len(dst)], dst
}

// appendUnescaped appends text with its \xHH turned into bytes; keepNewlines leaves \x0a escaped.
func appendUnescaped(dst, text []byte, keepNewlines bool) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+3 < len(text) && text[i+1] == 'x' {
			hi, lo := hexValue(text[i+2]), hexValue(text[i+3])
			if hi >= 0 && lo >= 0 && !(keepNewlines && hi<<4|lo == '\n') {
				c = byte(hi<<4 | lo)
				i += 3
			}
		}
		dst = append(dst, c)
	}
	return dst
}
