package netlog

import "unsafe"

// sumWords adds n bytes as little-endian words of eight with carry around (checksum_amd64.s).
//
//go:noescape
func sumWords(p *byte, n int) (sum uint64)

func addWords(b []byte) uint64 { return sumWords(unsafe.SliceData(b), len(b)) }
