package wire

import "encoding/binary"

// PutBasic and PutExtended make the message that most records have, one line that needs no escape and
// fits a datagram, where it is to stand: they append nothing, so that whatever a record becomes while it is
// read, no more than PutRoom bytes of dst change.

// PutRoom is the room in bytes that PutBasic and PutExtended want.
const PutRoom = MaxDatagram + wordSize

// wordSize is how much is looked at and written at a time: up to so many bytes less one behind the message, too.
const wordSize = 8

// PutBasic writes the message that AppendBasic appends to the beginning of dst, which has PutRoom bytes. It
// returns its length, 0 if the text has several lines or is too long: then dst holds nothing of use.
func PutBasic(dst []byte, r *Record) int {
	if len(dst) < PutRoom || len(r.Text) > MaxDatagram-MaxHeader-1 {
		return 0
	}
	n := putTime((*[MaxHeader]byte)(dst), r.Time)
	if !copyLine(dst[n:], r.Text) {
		return 0
	}
	return n + len(r.Text) + 1
}

// PutExtended writes the message that AppendExtended appends to the beginning of dst, which has PutRoom bytes.
// It returns its length, 0 if the text needs escapes or is too long, or there is a dictionary: then dst holds nothing
// of use.
func PutExtended(dst []byte, r *Record) int {
	if len(dst) < PutRoom || len(r.Text) > MaxDatagram-MaxHeader-1 || len(r.Dict) > 0 {
		return 0
	}
	n := putDecimal(dst, uint64(r.Facility)<<3|uint64(r.Level&7))
	dst[n] = ','
	n++
	n += putDecimal(dst[n:], r.Seq)
	dst[n] = ','
	n++
	n += putDecimal(dst[n:], r.Time)
	flag := uint32(',' | '-'<<8 | ';'<<16)
	if r.Cont {
		flag = ',' | 'c'<<8 | ';'<<16
	}
	binary.LittleEndian.PutUint32(dst[n:], flag)
	if n += len(",-;"); r.Skip != 0 {
		n = n - 1 + copy(dst[n-1:], ",skip=")
		n += putDecimal(dst[n:], r.Skip)
		dst[n] = ';'
		n++
	}
	if !copyPlain(dst[n:], r.Text) {
		return 0
	}
	return n + len(r.Text) + 1
}

// putTime writes what appendTime appends, and some bytes behind it, and returns its length.
func putTime(dst *[MaxHeader]byte, usec uint64) int {
	seconds := usec / usecPerSecond
	if seconds >= fiveDigits {
		return len(appendTime(dst[:0], usec))
	}
	first := decimalWord(uint32(seconds))
	first ^= ('0' ^ ' ') * everyByte & (1<<(8*leadingZeros(first)&63) - 1)
	second := decimalWord(uint32(usec - seconds*usecPerSecond))
	binary.LittleEndian.PutUint64(dst[:], first>>24<<8|'['|'.'<<48|second>>16<<56)
	binary.LittleEndian.PutUint64(dst[8:], second>>24|']'<<40|' '<<48)
	return len("[12345.123456] ")
}

// putDecimal writes v in decimal without leading zeros, and up to seven bytes behind it, and returns how many digits
// it has.
func putDecimal(dst []byte, v uint64) int {
	const eightDigits = 100_000_000
	switch {
	case v < 10:
		dst[0] = '0' + byte(v)
		return 1
	case v < eightDigits:
		digits := decimalWord(uint32(v))
		without := leadingZeros(digits)
		binary.LittleEndian.PutUint64(dst, digits>>(8*without&63))
		return 8 - without
	}
	high := v / eightDigits
	n := putDecimal(dst, high)
	binary.LittleEndian.PutUint64(dst[n:], decimalWord(uint32(v-high*eightDigits)))
	return n + 8
}

const (
	newlines  = '\n' * everyByte
	fourWords = 4 * wordSize
)

// copyLine copies a text and a newline behind it, and tells whether the text has none of its own.
func copyLine(dst, text []byte) bool {
	others := uint64(0)
	for len(text) >= fourWords {
		from, to := (*[fourWords]byte)(text), (*[fourWords]byte)(dst)
		a, b := binary.LittleEndian.Uint64(from[:]), binary.LittleEndian.Uint64(from[8:])
		c, d := binary.LittleEndian.Uint64(from[16:]), binary.LittleEndian.Uint64(from[24:])
		binary.LittleEndian.PutUint64(to[:], a)
		binary.LittleEndian.PutUint64(to[8:], b)
		binary.LittleEndian.PutUint64(to[16:], c)
		binary.LittleEndian.PutUint64(to[24:], d)
		others |= zeroBytes(a^newlines) | zeroBytes(b^newlines) | zeroBytes(c^newlines) | zeroBytes(d^newlines)
		text, dst = text[fourWords:], dst[fourWords:]
	}
	for len(text) >= wordSize {
		w := binary.LittleEndian.Uint64(text)
		binary.LittleEndian.PutUint64(dst, w)
		others |= zeroBytes(w ^ newlines)
		text, dst = text[wordSize:], dst[wordSize:]
	}
	w, bits := lastWord(text)
	others |= zeroBytes(w^newlines) & (1<<bits - 1)
	binary.LittleEndian.PutUint64(dst, w|'\n'<<bits)
	return others&highBits == 0
}

// copyPlain copies a text and a newline behind it, and tells whether the text needs no escape.
func copyPlain(dst, text []byte) bool {
	others := uint64(0)
	for len(text) >= fourWords {
		from, to := (*[fourWords]byte)(text), (*[fourWords]byte)(dst)
		a, b := binary.LittleEndian.Uint64(from[:]), binary.LittleEndian.Uint64(from[8:])
		c, d := binary.LittleEndian.Uint64(from[16:]), binary.LittleEndian.Uint64(from[24:])
		binary.LittleEndian.PutUint64(to[:], a)
		binary.LittleEndian.PutUint64(to[8:], b)
		binary.LittleEndian.PutUint64(to[16:], c)
		binary.LittleEndian.PutUint64(to[24:], d)
		others |= suspects(a, ' ') | suspects(b, ' ') | suspects(c, ' ') | suspects(d, ' ')
		text, dst = text[fourWords:], dst[fourWords:]
	}
	for len(text) >= wordSize {
		w := binary.LittleEndian.Uint64(text)
		binary.LittleEndian.PutUint64(dst, w)
		others |= suspects(w, ' ')
		text, dst = text[wordSize:], dst[wordSize:]
	}
	w, bits := lastWord(text)
	others |= suspects(w|' '*everyByte<<bits, ' ')
	binary.LittleEndian.PutUint64(dst, w|'\n'<<bits)
	return others&highBits == 0
}

// zeroBytes returns a word in which the high bit of the lowest byte of w that is 0 is set; none is if there is no such
// byte.
func zeroBytes(w uint64) uint64 { return (w - everyByte) &^ w }

// lastWord returns the last bytes of a text, seven at the most, the first one lowest and zeros behind them, and how
// many bits they are. It reads what memory the text has behind it, if there is any.
func lastWord(text []byte) (w uint64, bits uint) {
	if cap(text) >= wordSize {
		bits = uint(len(text)) * 8
		return binary.LittleEndian.Uint64(text[:wordSize]) & (1<<bits - 1), bits
	}
	for _, c := range text {
		w |= uint64(c) << bits
		bits += 8
	}
	return w, bits
}
