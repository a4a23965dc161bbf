package wire

import "bytes"

// appendEscaped appends text with every byte below 0x20, from 0x7f on, and the backslash as \xHH
// (printk.c, msg_add_ext_text).
func appendEscaped(dst, text []byte) []byte {
	for len(text) > 0 {
		n := plainPrefix(text)
		dst = append(dst, text[:n]...)
		text = text[n:]
		for len(text) > 0 && needsEscape(text[0]) {
			dst = append(dst, '\\', 'x', hexDigits[text[0]>>4], hexDigits[text[0]&15])
			text = text[1:]
		}
	}
	return dst
}

func needsEscape(c byte) bool { return c < ' ' || c >= 0x7f || c == '\\' }

// plainPrefix returns how many bytes at the start of text need no escape, eight at a time.
func plainPrefix(text []byte) int {
	const (
		ones = 0x0101010101010101
		high = 0x8080808080808080
	)
	n := 0
	for ; n+8 <= len(text); n += 8 {
		b := text[n : n+8 : n+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		backslash := w ^ '\\'*ones
		// The high bit of a byte ends up set if the byte is below 0x20, is a backslash, is 0x7f or
		// above; a borrow can only add to that in a word that has such a byte already.
		if (w-' '*ones|backslash-ones|(w&^high)+ones|w)&high != 0 {
			break
		}
	}
	for n < len(text) && !needsEscape(text[n]) {
		n++
	}
	return n
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
