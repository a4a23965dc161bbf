//go:build !amd64

package wire

func copyLine(dst, text []byte) bool { return copyLineWords(dst, text) }

func copyPlain(dst, text []byte) bool { return copyPlainWords(dst, text) }

func copyTwice(dst, also, text []byte) bool { return copyTwiceWords(dst, also, text) }
