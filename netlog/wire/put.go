package wire

import "encoding/binary"

// What follows makes the message that most records have, one line that needs no escape and fits a datagram, where
// it is to stand: a head, then the text copied behind it. Nothing is appended, so that whatever becomes of a record while
// it is read, no more than PutRoom bytes change.

// PutRoom is the room in bytes for a message that is put: the longest one, and a word behind it.
const PutRoom = MaxDatagram + wordSize

// MaxPut is the length of the longest text that fits behind the longest head.
const MaxPut = MaxDatagram - MaxHeader - 1

// A Heads makes the heads of messages. It remembers the digits that it made last: those of the next head are
// mostly the same. The zero Heads works.
type Heads struct {
	second uint64 // below fiveDigits
	basic  uint64 // "[%5lu." and a byte more
	plain  uint64 // without leading zeros, the first one lowest
	digits int    // 0: nothing is remembered

	seq   uint64 // below eightDigits
	word  uint64 // its digits, likewise
	one   uint64 // at the place of the last one
	tens  int    // how often one can be added before there is another ten
	width int    // digits of it
}

const eightDigits = 100_000_000

func (h *Heads) setSecond(second uint64) {
	digits := decimalWord(uint32(second))
	zeros := leadingZeros(digits)
	h.second = second
	h.basic = (digits^('0'^' ')*everyByte&(1<<(8*zeros&63)-1))>>24<<8 | '[' | '.'<<48
	h.plain = digits >> (8 * zeros & 63)
	h.digits = 8 - zeros
}

func (h *Heads) setSeq(seq uint64) {
	digits := decimalWord(uint32(seq))
	zeros := leadingZeros(digits)
	h.seq = seq
	h.word = digits >> (8 * zeros & 63)
	h.width = 8 - zeros
	h.one = 1 << (8 * (h.width - 1) & 63)
	h.tens = 9 - int(seq%10)
}

// PutTime writes what stands before a line of the basic format, "[%5lu.%06lu] ", and some bytes behind it, to the
// beginning of dst, which has PutRoom bytes, and returns its length.
func (h *Heads) PutTime(dst []byte, usec uint64) int {
	b := (*[PutRoom]byte)(dst)
	second := usec / usecPerSecond
	if second != h.second || h.digits == 0 {
		if second >= fiveDigits {
			return len(appendTime(dst[:0], usec))
		}
		h.setSecond(second)
	}
	fraction := decimalWord(uint32(usec - second*usecPerSecond))
	binary.LittleEndian.PutUint64(b[:], h.basic|fraction>>16<<56)
	binary.LittleEndian.PutUint64(b[8:], fraction>>24|']'<<40|' '<<48)
	return len("[12345.123456] ")
}

// PutHeader writes what stands before the text of an extended message, and some bytes behind it, to the beginning of
// dst, which has PutRoom bytes, and returns its length, MaxHeader at the most.
func (h *Heads) PutHeader(dst []byte, level uint8, seq, usec uint64, cont bool, skip uint64) int {
	second := usec / usecPerSecond
	if seq >= eightDigits || second >= fiveDigits || skip != 0 {
		return putHeader(dst, level, seq, usec, cont, skip)
	}
	b := (*[PutRoom]byte)(dst)
	b[0], b[1] = '0'+level&7, ','
	if seq == h.seq+1 && h.tens > 0 {
		h.seq = seq
		h.tens--
		h.word += h.one
	} else {
		h.setSeq(seq)
	}
	binary.LittleEndian.PutUint64(b[2:], h.word)
	n := (2 + h.width) & headMask
	b[n] = ','
	n++
	fraction := decimalWord(uint32(usec - second*usecPerSecond))
	if second == 0 {
		zeros := leadingZeros(fraction)
		binary.LittleEndian.PutUint64(b[n:n+wordSize], fraction>>(8*zeros&63))
		n += 8 - zeros
	} else {
		if second != h.second {
			h.setSecond(second)
		}
		binary.LittleEndian.PutUint64(b[n:n+wordSize], h.plain)
		n = (n + h.digits) & headMask
		binary.LittleEndian.PutUint64(b[n:n+wordSize], fraction>>16)
		n += 6
	}
	n &= headMask
	flag := byte('-')
	if cont {
		flag = 'c'
	}
	b[n], b[n+1], b[n+2] = ',', flag, ';'
	return n + len(",-;")
}

// headMask is more than any head that PutHeader makes by itself, and keeps its places within dst.
const headMask = 63

// putHeader is PutHeader for numbers of any size.
func putHeader(dst []byte, level uint8, seq, usec uint64, cont bool, skip uint64) int {
	return len(appendHeader(dst[:0], &Record{Level: level, Seq: seq, Time: usec, Cont: cont, Skip: skip}))
}

// PutLine copies the text of a basic message behind its head, and a newline, and tells whether that is the message:
// it is not if the text has newlines of its own. dst has the length of the text and a word.
func PutLine(dst, text []byte) bool { return copyLine(dst, text) }

// PutPlain copies the text of a message of either format behind its head, and a newline, and tells whether that is the
// message: it is not if a byte of the text needs an escape. dst has the length of the text and a word.
func PutPlain(dst, text []byte) bool { return copyPlain(dst, text) }

// PutTwice is PutPlain, and copies the text without a newline to also, too, which has its length and a word.
func PutTwice(dst, also, text []byte) bool { return copyTwice(dst, also, text) }
