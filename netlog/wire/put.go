package wire

import "encoding/binary"

// PutBasic and PutExtended make the message that most records have, one line that needs no escape and
// fits a datagram, where it is to stand: they append nothing, so that whatever a record becomes while it is
// read, no more than PutRoom bytes of dst change.

// PutRoom is the room in bytes that PutBasic and PutExtended want.
const PutRoom = MaxDatagram + wordSize

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
