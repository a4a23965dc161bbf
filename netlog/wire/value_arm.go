package wire

import "encoding/binary"

// valueDigits is how many digits a register's value has.
const valueDigits = 8

func appendValue(dst []byte, v uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, '0', 'x'), hexWord(uint32(v)))
}
