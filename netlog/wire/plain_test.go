package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
)

// plainSlowly is plainPrefix by its definition.
func plainSlowly(text []byte, least byte) int {
	for i, c := range text {
		if c < least || c >= 0x7f || c == '\\' {
			return i
		}
	}
	return len(text)
}

// Every pair of bytes at every place of a word, in a word of plain bytes and with something to
// escape behind.
func TestPlainPrefixStopsAtTheFirstByteThatIsNotPlain(t *testing.T) {
	for _, least := range []byte{' ', '!'} {
		for _, fill := range []string{"!!!!!!!!!", "~~~~~~~~~", "[]^{`@?a_", "aaaaaaaa\n"} {
			text := []byte(fill)
			for at := range 8 {
				for first := range 256 {
					for second := range 256 {
						copy(text, fill)
						text[at], text[at+1] = byte(first), byte(second)
						if got, want := plainPrefix(text, least), plainSlowly(text, least); got != want {
							t.Fatalf("least %q: %d bytes of %q are plain, want %d", least, got, text, want)
						}
					}
				}
			}
		}
	}
}

func TestPlainPrefixOfAnyLength(t *testing.T) {
	for size := range 40 {
		for at := range size + 1 {
			text := bytes.Repeat([]byte{'x'}, size)
			if at < size {
				text[at] = '\t'
			}
			if got := plainPrefix(text, ' '); got != at {
				t.Errorf("%d bytes of %q are plain, want %d", got, text, at)
			}
		}
	}
}

func TestNumbersAreAsFmtWritesThem(t *testing.T) {
	for v, i := uint64(0), 0; i < 5000; i++ {
		if got, want := string(appendHex16(nil, v)), fmt.Sprintf("0x%016x", v); got != want {
			t.Fatalf("%d is %s, want %s", v, got, want)
		}
		if got, want := string(appendHex(nil, v)), fmt.Sprintf("0x%x", v); got != want {
			t.Fatalf("%d is %s, want %s", v, got, want)
		}
		for _, usec := range []uint64{v, v >> 16, v >> 24, v >> 32, v >> 44} {
			if got, want := string(appendTime(nil, usec)), fmt.Sprintf("[%5d.%06d] ", usec/1e6, usec%1e6); got != want {
				t.Fatalf("%d us are %q, want %q", usec, got, want)
			}
		}
		v = v*6364136223846793005 + 1442695040888963407
	}
	for v := uint64(0); v < 1e8; v += 1237 {
		if got, want := string(binary.LittleEndian.AppendUint64(nil, decimalWord(uint32(v)))), fmt.Sprintf("%08d", v); got != want {
			t.Fatalf("%d is %q, want %q", v, got, want)
		}
	}
	for usec := uint64(0); usec < 1e6; usec++ {
		if got, want := string(appendFraction(nil, uint32(usec))), fmt.Sprintf(".%06d", usec); got != want {
			t.Fatalf("%d is %q, want %q", usec, got, want)
		}
	}
}
