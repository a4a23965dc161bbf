package netlog

import "unsafe"

// sumOf is the ones' complement sum of n bytes (checksum_amd64.s).
//
//go:noescape
func sumOf(p *byte, n int) (sum uint16)

// sum is the ones' complement sum of b in 16 bits (RFC 1071), as the bytes of a big-endian word.
func sum(b []byte) uint16 { return sumOf(unsafe.SliceData(b), len(b)) }
