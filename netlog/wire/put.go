package wire

import "encoding/binary"

// What follows makes the message that most records have, one line that needs no escape and fits a datagram, where
// it is to stand: a head, then the text copied behind it. Nothing is appended, so that whatever becomes of a record while
// it is read, no more than PutRoom bytes change.

// PutRoom is the room in bytes for a message that is put: the longest one, and a word behind it.
const PutRoom = MaxDatagram + wordSize

// MaxPut is the length of the longest text that fits behind the longest head.
const MaxPut = MaxDatagram - MaxHeader - 1

// A Clock remembers the digits of the seconds that were put last. The zero Clock works.
type Clock struct {
	second uint64 // below fiveDigits
	basic  uint64 // "[%5lu." and a byte more
	plain  uint64 // without leading zeros, the first one lowest
	digits int    // 0: nothing is remembered
}

func (c *Clock) set(second uint64) {
	digits := decimalWord(uint32(second))
	zeros := leadingZeros(digits)
	c.second = second
	c.basic = (digits^('0'^' ')*everyByte&(1<<(8*zeros&63)-1))>>24<<8 | '[' | '.'<<48
	c.plain = digits >> (8 * zeros & 63)
	c.digits = 8 - zeros
}

// PutTime writes what stands before a line of the basic format, "[%5lu.%06lu] ", and some bytes behind it, to the
// beginning of dst, which has PutRoom bytes, and returns its length.
func (c *Clock) PutTime(dst []byte, usec uint64) int {
	b := (*[PutRoom]byte)(dst)
	second := usec / usecPerSecond
	if second != c.second || c.digits == 0 {
		if second >= fiveDigits {
			return len(appendTime(dst[:0], usec))
		}
		c.set(second)
	}
	fraction := decimalWord(uint32(usec - second*usecPerSecond))
	binary.LittleEndian.PutUint64(b[:], c.basic|fraction>>16<<56)
	binary.LittleEndian.PutUint64(b[8:], fraction>>24|']'<<40|' '<<48)
	return len("[12345.123456] ")
}

// PutHeader writes what stands before the text of an extended message, and some bytes behind it, to the beginning of
// dst, which has PutRoom bytes, and returns its length, MaxHeader at the most.
func (c *Clock) PutHeader(dst []byte, level uint8, seq, usec uint64, cont bool, skip uint64) int {
	b := (*[PutRoom]byte)(dst)
	b[0], b[1] = '0'+level&7, ','
	n := 2 + putDecimal(b[2:2+numberRoom], seq)
	b[n] = ','
	n++
	second := usec / usecPerSecond
	if (second != c.second || c.digits == 0) && second < fiveDigits {
		c.set(second)
	}
	if second == c.second && second != 0 {
		binary.LittleEndian.PutUint64(b[n:], c.plain)
		n += c.digits
		binary.LittleEndian.PutUint64(b[n:], decimalWord(uint32(usec-second*usecPerSecond))>>16)
		n += 6
	} else {
		n += putDecimal(b[n:n+numberRoom], usec)
	}
	flag := uint32(',' | '-'<<8 | ';'<<16)
	if cont {
		flag = ',' | 'c'<<8 | ';'<<16
	}
	binary.LittleEndian.PutUint32(b[n:], flag)
	n += len(",-;")
	if skip != 0 {
		n = n - 1 + copy(b[n-1:], ",skip=")
		n += putDecimal(b[n:n+numberRoom], skip)
		b[n] = ';'
		n++
	}
	return n
}

// numberRoom is the room that putDecimal wants.
const numberRoom = 32

// putDecimal writes v in decimal without leading zeros, and up to seven bytes behind it, and returns how many digits
// it has.
func putDecimal(dst []byte, v uint64) int {
	const eightDigits = 100_000_000
	if v < eightDigits {
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

// PutLine copies the text of a basic message behind its head, and a newline, and tells whether that is the message:
// it is not if the text has newlines of its own. dst has the length of the text and a word.
func PutLine(dst, text []byte) bool { return copyLine(dst, text) }

// PutPlain copies the text of a message of either format behind its head, and a newline, and tells whether that is the
// message: it is not if a byte of the text needs an escape. dst has the length of the text and a word.
func PutPlain(dst, text []byte) bool { return copyPlain(dst, text) }

// PutTwice is PutPlain, and copies the text without a newline to also, too, which has its length and a word.
func PutTwice(dst, also, text []byte) bool { return copyTwice(dst, also, text) }
