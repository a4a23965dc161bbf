package report

import (
	"strconv"
	"strings"
)

// Address is one of the machine's. In JSON it is a string of hexadecimal digits, as in the text.
type Address uint64

// String is the address as "0x1234".
func (a Address) String() string { return "0x" + strconv.FormatUint(uint64(a), 16) }

// MarshalText is String.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (a *Address) UnmarshalText(text []byte) error {
	v, err := strconv.ParseUint(strings.TrimPrefix(string(text), "0x"), 16, 64)
	*a = Address(v)
	return err
}

// ParseAddress reads "0x" and up to 16 hexadecimal digits.
func ParseAddress(text string) (Address, bool) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok || len(digits) == 0 || len(digits) > 16 {
		return 0, false
	}
	v, err := strconv.ParseUint(digits, 16, 64)
	return Address(v), err == nil
}

// number reads a decimal number that text begins with.
func number(text string) (n uint64, rest string, ok bool) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(text[:end], 10, 64)
	return n, text[end:], err == nil
}
