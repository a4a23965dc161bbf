package wire

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// putting is how a record's message can be had in both formats, appended and in place.
var putting = map[string]struct {
	add func([]byte, *Record) []byte
	put func([]byte, *Record) int
}{
	"basic": {AppendBasic, func(dst []byte, r *Record) int {
		n := heads.PutTime(dst, r.Time)
		if len(r.Text) > MaxPut || !PutLine(dst[n:], r.Text) {
			return 0
		}
		return n + len(r.Text) + 1
	}},
	"extended": {AppendExtended, func(dst []byte, r *Record) int {
		n := heads.PutHeader(dst, r.Level, r.Seq, r.Time, r.Cont, r.Skip)
		if len(r.Text) > MaxPut || !PutPlain(dst[n:], r.Text) {
			return 0
		}
		return n + len(r.Text) + 1
	}},
}

// heads is one for all, so that it remembers other numbers than those that come next.
var heads Heads

// What is put is what is appended, byte for byte, or nothing.
func checkPut(t *testing.T, r *Record) (put map[string]bool) {
	t.Helper()
	put = map[string]bool{}
	for name, f := range putting {
		room := bytes.Repeat([]byte{0xee}, PutRoom+8)
		want := f.add(make([]byte, 0, 8192), r)
		n := f.put(room[:PutRoom], r)
		if n != 0 && !bytes.Equal(room[:n], want) {
			t.Errorf("%s: %d bytes of text: put %q, want %q", name, len(r.Text), room[:n], want)
		}
		if !bytes.Equal(room[PutRoom:], bytes.Repeat([]byte{0xee}, 8)) {
			t.Errorf("%s: %d bytes of text: written behind the room", name, len(r.Text))
		}
		put[name] = n != 0
	}
	return put
}

func TestWhatIsPutIsWhatIsAppended(t *testing.T) {
	numbers := []uint64{0, 1, 9, 10, 99, 12345, 9_999_999, 99_999_999, 100_000_000, 123_456_789_012, 1e16 - 1, 1e16, 1<<64 - 1}
	random := rand.New(rand.NewPCG(1, 2))
	for length := range MaxDatagram + 20 {
		// Half of the texts end where their memory does.
		text := bytes.Repeat([]byte{'\n'}, length+length%2*8)[: length : length+length%2*8]
		for i := range text {
			text[i] = byte(' ' + random.IntN('\\'-' '))
		}
		pick := func() uint64 { return numbers[random.IntN(len(numbers))] }
		r := Record{Level: uint8(random.IntN(8)), Seq: pick(), Time: pick(), Cont: random.IntN(2) == 0, Text: text}
		if random.IntN(2) == 0 {
			r.Skip = pick()
		}
		fits := length <= MaxPut
		if got := checkPut(t, &r); got["basic"] != fits || got["extended"] != fits {
			t.Errorf("a plain text of %d bytes is put: %v", length, got)
		}
	}
}

// Each byte at each place, among others that are next to it in value.
func TestTextsThatAreNotPlainAreNotPut(t *testing.T) {
	for _, length := range []int{1, 7, 8, 9, 31, 32, 33, 41, 100} {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte{'x'}, length)
				text[at] = byte(c)
				if at > 0 {
					text[at-1] = ' '
				}
				got := checkPut(t, &Record{Text: text})
				if want := c != '\n'; got["basic"] != want {
					t.Fatalf("basic: byte %#x at %d of %d is put: %v", c, at, length, got["basic"])
				}
				if want := isPlain(byte(c), ' '); got["extended"] != want {
					t.Fatalf("extended: byte %#x at %d of %d is put: %v", c, at, length, got["extended"])
				}
			}
		}
	}
}

// Heads that follow each other, as those of a logger do.
func TestHeadsThatFollowEachOther(t *testing.T) {
	var h Heads
	room := make([]byte, PutRoom)
	r := Record{Level: 6}
	check := func(what string) {
		want := appendHeader(nil, &r)
		if got := room[:h.PutHeader(room, r.Level, r.Seq, r.Time, r.Cont, r.Skip)]; !bytes.Equal(got, want) {
			t.Fatalf("%s: put %q, want %q", what, got, want)
		}
		want = appendTime(nil, r.Time)
		if got := room[:h.PutTime(room, r.Time)]; !bytes.Equal(got, want) {
			t.Fatalf("%s: put %q, want %q", what, got, want)
		}
	}
	for _, from := range []uint64{0, 990, 99_990, 9_999_990, 99_999_980, 1<<64 - 20} {
		for _, time := range []uint64{0, 95, 999_990, 9_999_995, 59_999_990, 99_999_999_990, 1 << 63} {
			for i := range uint64(1200) {
				r.Seq, r.Time = from+i, time+i*i
				check("one after the other")
			}
			for i := range uint64(30) {
				r.Seq, r.Time = from+i*7, time+i*1_000_000
				check("with gaps")
				r.Seq = from
				check("the first again")
			}
		}
	}
}

// Both ways of copying say the same of every text, and copy it.
func TestCopiesAgree(t *testing.T) {
	for length := range 100 {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte{'~'}, length)
				text[at] = byte(c)
				want := append(bytes.Clone(text), '\n')
				for name, f := range map[string]struct {
					copy  func(dst, text []byte) bool
					plain bool
				}{
					"lines, in words": {copyLineWords, c != '\n'}, "lines": {copyLine, c != '\n'},
					"plain, in words": {copyPlainWords, isPlain(byte(c), ' ')}, "plain": {copyPlain, isPlain(byte(c), ' ')},
				} {
					var room, also [128]byte
					if copyTwice(room[:], also[:], text) != copyTwiceWords(room[:], also[:], text) || !bytes.Equal(also[:length], text) {
						t.Fatalf("byte %#x at %d of %d: copied twice as %q", c, at, length, also[:length])
					}
					if got := f.copy(room[:], text); got != f.plain || !bytes.Equal(room[:length+1], want) {
						t.Fatalf("%s: byte %#x at %d of %d: %v, %q", name, c, at, length, got, room[:length+1])
					}
				}
			}
		}
	}
}

func FuzzPut(f *testing.F) {
	f.Add([]byte("a line"), uint64(7), uint64(1_234_567), uint64(0))
	f.Fuzz(func(t *testing.T, text []byte, seq, time, skip uint64) {
		checkPut(t, &Record{Seq: seq, Time: time, Skip: skip, Text: slices.Clip(text)})
	})
}

func BenchmarkPut(b *testing.B) {
	r := Record{Level: 6, Seq: 12345, Time: 12_345_678, Text: bytes.Repeat([]byte("x"), 128)[:99]}
	for name, f := range putting {
		b.Run(name, func(b *testing.B) {
			room := make([]byte, PutRoom)
			for b.Loop() {
				f.put(room, &r)
			}
		})
	}
}
