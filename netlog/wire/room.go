package wire

import (
	"bytes"
	"unicode/utf8"
)

// room is how many bytes a text may still grow: as it is, and as either format encodes it.
type room struct {
	text, basic, extended int
	// prefix is the length of the basic format's prefix of a line.
	prefix int
}

func newRoom(size int, uptime uint64) room {
	prefix := len("[12345.123456] ")
	for seconds := uptime / usecPerSecond; seconds >= fiveDigits; seconds /= 10 {
		prefix++
	}
	prefix++ // the record is made a little later
	return room{text: size, basic: MaxDatagram - prefix - 1, extended: MaxDatagram - MaxHeader, prefix: prefix}
}

// escapeGrowth is what the escape \xHH adds to a byte.
const escapeGrowth = 3

// take uses room for n bytes, of which so many are newlines and so many others are escaped; it uses
// none and returns false if they do not fit.
func (r *room) take(n, newlines, escaped int) bool {
	basic, extended := n+newlines*r.prefix, n+(newlines+escaped)*escapeGrowth
	if n > r.text || basic > r.basic || extended > r.extended {
		return false
	}
	r.text -= n
	r.basic -= basic
	r.extended -= extended
	return true
}

// reserve uses room for b and for the dots behind it, less if there is less, and returns what it
// used.
func (r *room) reserve(b []byte) room {
	before := *r
	r.cut(b)
	r.take(len(dots), 0, 0)
	return room{text: before.text - r.text, basic: before.basic - r.basic, extended: before.extended - r.extended}
}

func (r *room) giveBack(reserved room) {
	r.text += reserved.text
	r.basic += reserved.basic
	r.extended += reserved.extended
}

// cut uses room for as many bytes of b as there is room for, and returns how many.
func (r *room) cut(b []byte) (n int) {
	for n < len(b) {
		plain := plainPrefix(b[n:])
		fit := max(0, min(plain, r.text, r.basic, r.extended))
		r.take(fit, 0, 0)
		n += fit
		if fit < plain || n == len(b) {
			break
		}
		newlines := 0
		if b[n] == '\n' {
			newlines = 1
		}
		if !r.take(1, newlines, 1-newlines) {
			break
		}
		n++
	}
	return n
}

const dots = "..."

// appendCut appends b, or as much of it as there is room for and "..." in place of the rest.
func (r *room) appendCut(dst, b []byte) []byte {
	whole := *r
	if whole.cut(b) == len(b) {
		return append(dst, b...)
	}
	if !r.take(len(dots), 0, 0) {
		return dst
	}
	n := r.cut(b)
	for back := 1; back < utf8.UTFMax && n > 0 && !utf8.RuneStart(b[n]); back++ {
		n--
	}
	dst = append(dst, bytes.TrimRight(b[:n], "\n")...)
	return append(dst, dots...)
}
