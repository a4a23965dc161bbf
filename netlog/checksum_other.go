//go:build !amd64

package netlog

// sum is the ones' complement sum of b in 16 bits (RFC 1071), as the bytes of a big-endian word.
func sum(b []byte) uint16 { return sumPortably(b) }
