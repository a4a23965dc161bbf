//go:build !amd64

package netlog

func addWords(b []byte) uint64 { return addWordsPortably(b) }
