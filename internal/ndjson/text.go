package ndjson

import (
	"encoding/binary"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString appends text as a JSON string (RFC 8259, section 7) that is valid UTF-8. What could
// drive a terminal is escaped; bytes that are not UTF-8 come as U+FFFD each, and then exact is false.
func appendString[T []byte | string](dst []byte, text T) (out []byte, exact bool) {
	exact = true
	dst = append(dst, '"')
	for i := 0; ; {
		n := plain(text, i)
		dst = append(dst, text[i:n]...)
		if i = n; i == len(text) {
			return append(dst, '"'), exact
		}
		c := text[i]
		if c < utf8.RuneSelf {
			dst = appendEscape(dst, c)
			i++
			continue
		}
		r, size := decode(text, i)
		switch {
		case r == utf8.RuneError && size == 1:
			dst, exact = append(dst, `\ufffd`...), false
		case unicode.IsGraphic(r) && !unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			dst = append(dst, text[i:i+size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = appendUnit(appendUnit(dst, high), low)
		default:
			dst = appendUnit(dst, r)
		}
		i += size
	}
}

// decode is utf8.DecodeRune at a place of either type.
func decode[T []byte | string](text T, i int) (r rune, size int) {
	var b [utf8.UTFMax]byte
	return utf8.DecodeRune(b[:copy(b[:], text[i:])])
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\t':
		return append(dst, '\\', 't')
	case '\r':
		return append(dst, '\\', 'r')
	}
	return appendUnit(dst, rune(c))
}

func appendUnit(dst []byte, unit rune) []byte {
	return append(dst, '\\', 'u', hexDigits[unit>>12&15], hexDigits[unit>>8&15], hexDigits[unit>>4&15], hexDigits[unit&15])
}

const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// plain is where from i on, for certain, the first byte is that is not written as it is.
func plain[T []byte | string](text T, i int) int {
	var eight [8]byte
	for ; len(text)-i >= 8; i += 8 {
		copy(eight[:], text[i:i+8])
		w := binary.LittleEndian.Uint64(eight[:])
		// Which byte is zero, or less than a space (Hacker's Delight, 6-1); exact for ASCII.
		if (w|(w-ones*' ')|(w^ones*'"'-ones)|(w^ones*'\\'-ones)|(w^ones*0x7f-ones))&high != 0 {
			break
		}
	}
	for i < len(text) && text[i] >= ' ' && text[i] < 0x7f && text[i] != '"' && text[i] != '\\' {
		i++
	}
	return i
}
