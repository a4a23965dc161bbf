// Package printable makes text from the network safe to show: nothing in it can drive a terminal
// or pass for something else.
package printable

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// Append appends text for one line. Control characters, ESC and NUL among them, invalid UTF-8,
// characters that steer the direction of writing, that show nothing or that end a line elsewhere
// than here come as \xHH for each of their bytes; a backslash that could be taken for the start of
// such comes doubled; a tab stays.
func Append(dst, text []byte) []byte {
	for {
		n := plain(text)
		dst, text = append(dst, text[:n]...), text[n:]
		if len(text) == 0 {
			return dst
		}
		c := text[0]
		if c < utf8.RuneSelf {
			switch {
			case c == '\\' && len(text) > 1 && (text[1] == 'x' || text[1] == '\\'):
				dst = append(dst, '\\', '\\')
			case c < ' ' && c != '\t' || c == 0x7f:
				dst = appendHex(dst, c)
			default:
				dst = append(dst, c)
			}
			text = text[1:]
			continue
		}
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 || !visible(r) {
			for _, c := range text[:n] {
				dst = appendHex(dst, c)
			}
		} else {
			dst = append(dst, text[:n]...)
		}
		text = text[n:]
	}
}

// plain is how many bytes at the beginning of text are shown as they are, for certain.
func plain(text []byte) (n int) {
	for ; len(text)-n >= 8; n += 8 {
		if suspicious(binary.LittleEndian.Uint64(text[n:])) {
			break
		}
	}
	for n < len(text) && text[n] >= ' ' && text[n] < 0x7f && text[n] != '\\' {
		n++
	}
	return n
}

const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// suspicious says whether one of eight bytes is a control character, a backslash or not ASCII. It is
// exact where no byte has its high bit, and the others are suspicious anyway (Hacker's Delight, 6-1:
// which byte is zero).
func suspicious(w uint64) bool {
	backslash := w ^ ones*'\\'
	del := w ^ ones*0x7f
	return (w|(w-ones*' ')|(backslash-ones)|(del-ones))&high != 0
}

func appendHex(dst []byte, c byte) []byte {
	return append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
}

// visible says whether r takes its place on the line and nothing more. Cf holds the bidirectional
// controls, joiners and tags; Zl and Zp are the separators that some viewers break lines at.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r)
}
