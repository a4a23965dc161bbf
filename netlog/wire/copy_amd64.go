package wire

// vectorSize is the least that the routines of copy_amd64.s take.
const vectorSize = 16

// copyNewlines copies n bytes and tells whether there is a newline among them (copy_amd64.s).
//
//go:noescape
func copyNewlines(to, from *byte, n int) (found bool)

// copySuspects copies n bytes to two places and tells whether there is one among them that needs an escape
// (copy_amd64.s).
//
//go:noescape
func copySuspects(to, also, from *byte, n int) (found bool)

func copyLine(dst, text []byte) bool {
	n := len(text)
	if n < vectorSize {
		return copyLineWords(dst, text)
	}
	dst[n] = '\n'
	return !copyNewlines(&dst[0], &text[0], n)
}

func copyPlain(dst, text []byte) bool {
	n := len(text)
	if n < vectorSize {
		return copyPlainWords(dst, text)
	}
	dst[n] = '\n'
	return !copySuspects(&dst[0], &dst[0], &text[0], n)
}

func copyTwice(dst, also, text []byte) bool {
	n := len(text)
	if n < vectorSize {
		return copyTwiceWords(dst, also, text)
	}
	_ = also[n-1]
	dst[n] = '\n'
	return !copySuspects(&dst[0], &also[0], &text[0], n)
}
