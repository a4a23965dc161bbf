//go:build !arm

package wire

// valueDigits is how many digits a register's value has.
const valueDigits = 16

func appendValue(dst []byte, v uint64) []byte { return appendHex16(dst, v) }
