package wire

import "math/bits"

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

// appendHex appends "0x" and v in hexadecimal, with leading zeros up to width digits.
func appendHex(dst []byte, v uint64, width int) []byte {
	dst = append(dst, '0', 'x')
	digits := max((bits.Len64(v)+3)/4, width)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[v>>shift&15])
	}
	return dst
}
