package wire

import "encoding/binary"

// wordSize is how much is looked at and written at a time: up to so many bytes less one behind what is meant.
const wordSize = 8

const newlines = '\n' * everyByte

// copyLineWords copies a text and a newline behind it, and tells whether the text has none of its own.
func copyLineWords(dst, text []byte) bool {
	others := uint64(0)
	for len(text) >= wordSize {
		w := binary.LittleEndian.Uint64(text)
		binary.LittleEndian.PutUint64(dst, w)
		others |= zeroBytes(w ^ newlines)
		text, dst = text[wordSize:], dst[wordSize:]
	}
	w, bits := lastWord(text)
	others |= zeroBytes(w^newlines) & (1<<bits - 1)
	binary.LittleEndian.PutUint64(dst, w|'\n'<<bits)
	return others&highBits == 0
}

// copyPlainWords copies a text and a newline behind it, and tells whether the text needs no escape.
func copyPlainWords(dst, text []byte) bool {
	others := uint64(0)
	for len(text) >= wordSize {
		w := binary.LittleEndian.Uint64(text)
		binary.LittleEndian.PutUint64(dst, w)
		others |= suspects(w, ' ')
		text, dst = text[wordSize:], dst[wordSize:]
	}
	w, bits := lastWord(text)
	others |= suspects(w|' '*everyByte<<bits, ' ')
	binary.LittleEndian.PutUint64(dst, w|'\n'<<bits)
	return others&highBits == 0
}

// zeroBytes returns a word in which the high bit of the lowest byte of w that is 0 is set; none is if there is no such
// byte.
func zeroBytes(w uint64) uint64 { return (w - everyByte) &^ w }

// lastWord returns the last bytes of a text, seven at the most, the first one lowest and zeros behind them, and how
// many bits they are.
func lastWord(text []byte) (w uint64, bits uint) {
	for _, c := range text {
		w |= uint64(c) << bits
		bits += 8
	}
	return w, bits
}

// copyTwiceWords is copyPlainWords, and copies the text to also.
func copyTwiceWords(dst, also, text []byte) bool {
	copy(also, text)
	return copyPlainWords(dst, text)
}
