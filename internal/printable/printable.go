// Package printable makes text from the network safe to show: nothing in it can drive a terminal
// or pass for something else.
package printable

import (
	"unicode"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// Append appends text for one line. Control characters, ESC and NUL among them, invalid UTF-8,
// characters that steer the direction of writing, that show nothing or that end a line elsewhere
// than here come as \xHH for each of their bytes; a backslash that could be taken for the start of
// such comes doubled; a tab stays.
func Append(dst, text []byte) []byte {
	for len(text) > 0 {
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
	return dst
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
