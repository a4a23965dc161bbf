package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// plainSlowly is plainPrefix by its definition.
func plainSlowly(text []byte) int {
	for i, c := range text {
		if c < ' ' || c >= 0x7f || c == '\\' {
			return i
		}
	}
	return len(text)
}

// wordSlowly is appendWord without a limit by its definition.
func wordSlowly(text []byte) []byte {
	word := bytes.Clone(text)
	for i, c := range word {
		if c < '!' || c >= 0x7f || c == '\\' {
			word[i] = '?'
		}
	}
	return word
}

// Every pair of bytes at every place of a word, in a word of plain bytes and with something to
// escape behind.
func TestEveryByteThatIsNotPlainIsSeen(t *testing.T) {
	for _, fill := range []string{"!!!!!!!!!", "~~~~~~~~~", "[]^{`@?a_", "aaaaaaaa\n"} {
		text := []byte(fill)
		room := make([]byte, 0, len(text))
		for at := range 8 {
			for first := range 256 {
				for second := range 256 {
					copy(text, fill)
					text[at], text[at+1] = byte(first), byte(second)
					if got, want := plainPrefix(text), plainSlowly(text); got != want {
						t.Fatalf("%d bytes of %q are plain, want %d", got, text, want)
					}
					if got, want := appendWord(room, string(text), len(text)), wordSlowly(text); !bytes.Equal(got, want) {
						t.Fatalf("%q as a word is %q, want %q", text, got, want)
					}
				}
			}
		}
	}
}

func TestWordIsCutToItsLimit(t *testing.T) {
	long := strings.Repeat("word", 10)
	for limit := range len(long) + 10 {
		if got, want := string(appendWord(nil, long, limit)), long[:min(limit, len(long))]; got != want {
			t.Errorf("a limit of %d leaves %q, want %q", limit, got, want)
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
			if got := plainPrefix(text); got != at {
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
		if got, want := string(appendHex(nil, v)), fmt.Sprintf("%x", v); got != want {
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
