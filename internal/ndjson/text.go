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
func appendString(dst, text []byte) (out []byte, exact bool) {
	exact = true
	dst = append(dst, '"')
	for {
		n := plain(text)
		dst, text = append(dst, text[:n]...), text[n:]
		if len(text) == 0 {
			return append(dst, '"'), exact
		}
		if text[0] < utf8.RuneSelf {
			dst, text = appendEscape(dst, text[0]), text[1:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			dst, exact = append(dst, `\ufffd`...), false
		case unicode.IsGraphic(r) && !unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			dst = append(dst, text[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = appendUnit(appendUnit(dst, high), low)
		default:
			dst = appendUnit(dst, r)
		}
		text = text[size:]
	}
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

// plain is how many bytes at the beginning of text are written as they are, for certain.
func plain(text []byte) (n int) {
	for ; len(text)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(text[n:])
		// Which byte is zero, or less than a space (Hacker's Delight, 6-1); exact for ASCII.
		if (w|(w-ones*' ')|(w^ones*'"'-ones)|(w^ones*'\\'-ones)|(w^ones*0x7f-ones))&high != 0 {
			break
		}
	}
	for n < len(text) && text[n] >= ' ' && text[n] < 0x7f && text[n] != '"' && text[n] != '\\' {
		n++
	}
	return n
}
