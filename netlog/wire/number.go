package wire

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// cutUint reads the decimal number at the start of b and returns how many digits it has: 0 when b
// does not begin with a digit or the number exceeds 64 bits.
func cutUint(b []byte) (v uint64, digits int) {
	for digits < len(b) && '0' <= b[digits] && b[digits] <= '9' {
		d := uint64(b[digits] - '0')
		if v > (^uint64(0)-d)/10 {
			return 0, 0
		}
		v = v*10 + d
		digits++
	}
	return v, digits
}

// parseUint reads b as one decimal number.
func parseUint(b []byte) (v uint64, ok bool) {
	v, digits := cutUint(b)
	return v, digits > 0 && digits == len(b)
}

// parseHex reads b as one hexadecimal number of at most 64 bits, "0x" in front of it.
func parseHex(b []byte) (v uint64, ok bool) {
	if len(b) < 3 || len(b) > 18 || b[0] != '0' || b[1] != 'x' {
		return 0, false
	}
	for _, c := range b[2:] {
		d := hexValue(c)
		if d < 0 {
			return 0, false
		}
		v = v<<4 | uint64(d)
	}
	return v, true
}

// hexValue returns the value of a hexadecimal digit, -1 for any other byte.
func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

const hexDigits = "0123456789abcdef"

// appendHex appends v in hexadecimal without leading zeros.
func appendHex(dst []byte, v uint64) []byte {
	low := bits.ReverseBytes64(hexWord(uint32(v)))
	if high := uint32(v >> 32); high != 0 {
		dst = appendDigits(dst, bits.ReverseBytes64(hexWord(high)), bits.LeadingZeros32(high)/4)
		return binary.LittleEndian.AppendUint64(dst, low)
	}
	return appendDigits(dst, low, bits.LeadingZeros32(uint32(v)|1)/4)
}

// appendDecimal appends v in decimal without leading zeros.
func appendDecimal(dst []byte, v uint64) []byte {
	switch {
	case v < 10:
		return append(dst, '0'+byte(v))
	case v >= 100_000_000:
		return strconv.AppendUint(dst, v, 10)
	}
	digits := decimalWord(uint32(v))
	return appendDigits(dst, digits, leadingZeros(digits))
}

// appendDigits appends the eight digits in a word, the first one lowest, without so many of the first.
// It needs as many bytes of room more.
func appendDigits(dst []byte, digits uint64, without int) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, digits>>(8*without&63))
	return dst[:len(dst)-without]
}

// leadingZeros counts the leading zeros of eight digits but the last one, the first digit lowest.
func leadingZeros(digits uint64) int {
	return bits.TrailingZeros64(digits^'0'*everyByte|1<<56) / 8
}

// appendHex16 appends "0x" and v as sixteen hexadecimal digits.
func appendHex16(dst []byte, v uint64) []byte {
	dst = append(dst, '0', 'x')
	dst = binary.BigEndian.AppendUint64(dst, hexWord(uint32(v>>32)))
	return binary.BigEndian.AppendUint64(dst, hexWord(uint32(v)))
}

// hexWord returns the eight hexadecimal digits of v, the first one in the highest byte.
func hexWord(v uint32) uint64 {
	w := uint64(v)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (w + 6*everyByte) >> 4 & everyByte // 1 in each byte above 9
	return w + '0'*everyByte + letters*('a'-'0'-10)
}

// appendFraction appends "." and v, below a million, as six decimal digits.
func appendFraction(dst []byte, v uint32) []byte {
	digits := decimalWord(v)
	dst = binary.LittleEndian.AppendUint64(dst, digits>>8&^0xff|'.')
	return dst[:len(dst)-1]
}

// decimalWord returns the eight decimal digits of v, which has no more, the first one in the lowest
// byte. It divides all halves, then all quarters of the word at once, by multiplication.
func decimalWord(v uint32) uint64 {
	w := uint64(v/10_000) | uint64(v%10_000)<<32
	hundreds := w * 10486 >> 20 & 0x0000007f0000007f
	w = hundreds | (w-100*hundreds)<<16
	tens := w * 103 >> 10 & 0x000f000f000f000f
	w = tens | (w-10*tens)<<8
	return w + '0'*everyByte
}
