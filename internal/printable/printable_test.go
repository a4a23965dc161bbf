package printable

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

func TestAppend(t *testing.T) {
	for in, want := range map[string]string{
		"plain text ~":            "plain text ~",
		"tab\tstays":              "tab\tstays",
		"\x1b[31mred\x07\x00":     `\x1b[31mred\x07\x00`,
		"a\r\nb\x7f":              `a\x0d\x0ab\x7f`,
		"Grüße, 世界 🙂":             "Grüße, 世界 🙂",
		"bad \xff\xc3( utf8":      `bad \xff\xc3( utf8`,
		"c1 \u009b31m":            `c1 \xc2\x9b31m`,
		"bidi \u202etxt.exe":      `bidi \xe2\x80\xaetxt.exe`,
		"isolate \u2066x":         `isolate \xe2\x81\xa6x`,
		"line \u2028 sep":         `line \xe2\x80\xa8 sep`,
		"zero\u200bwidth\ufeff":   `zero\xe2\x80\x8bwidth\xef\xbb\xbf`,
		"filler\u3164":            `filler\xe3\x85\xa4`,
		`C:\dir \n`:               `C:\dir \n`,
		`imitated \x1b and \\x1b`: `imitated \\x1b and \\\\x1b`,
		"end \\":                  `end \`,
	} {
		if got := string(Append(nil, []byte(in))); got != want {
			t.Errorf("%q shown as %q, want %q", in, got, want)
		}
	}
}

// Every byte, in every place of a text long enough for eight at a time.
func TestEveryByteInEveryPlace(t *testing.T) {
	for c := range 256 {
		alone := Append(nil, []byte{byte(c), '.'})
		for place := range 20 {
			text := bytes.Repeat([]byte{'.'}, 21)
			text[place] = byte(c)
			want := append(append(bytes.Repeat([]byte{'.'}, place), alone...), text[place+2:]...)
			if got := Append(nil, text); !bytes.Equal(got, want) {
				t.Fatalf("%q shown as %q, want %q", text, got, want)
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	text := bytes.Repeat([]byte("0123456789"), 10)
	buf := make([]byte, 0, 128)
	b.ReportAllocs()
	for range b.N {
		buf = Append(buf[:0], text)
	}
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte("a\x1b\u202e\xff\\x1b"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out := Append(nil, in)
		if !utf8.Valid(out) || bytes.ContainsFunc(out, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x202e }) {
			t.Fatalf("%q shown as %q", in, out)
		}
		if len(in) > 0 && len(out) == 0 {
			t.Fatalf("%q not shown", in)
		}
	})
}
