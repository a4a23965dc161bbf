package wire

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

var boot = [16]byte([]byte("0123456789abcdef"))

func registers(n int) (r []Register) {
	for i := range n {
		r = append(r, Register{fmt.Sprintf("r%d", i), uint64(i)<<60 | uint64(i)})
	}
	return r
}

func TestHeadlineText(t *testing.T) {
	h := Headline{Boot: boot, Cause: []byte("panic: oh\n\tsecond line\n"), Exception: "#PF", PC: 0x401000, HasPC: true, Func: "main.f+0x12",
		HasAddr: true, Build: "ab12", Uptime: 12_345678, Last: 41, HasLast: true, Unsent: 3, Registers: registers(5)}
	want := "gasp: crash 0123456789abcdef: panic: oh\n\tsecond line\n" +
		"gasp: at exception=#PF pc=0x401000 func=main.f+0x12 addr=0x0 build=ab12 uptime=12.345678 last=41 unsent=3\n" +
		"r0=0x0000000000000000 r1=0x1000000000000001 r2=0x2000000000000002 r3=0x3000000000000003\n" +
		"r4=0x4000000000000004"
	if got := string(AppendHeadline(nil, &h, HeadlineMax)); got != want {
		t.Errorf("headline is\n%s\nwant\n%s", got, want)
	}
	got, ok := ParseHeadline([]byte(want))
	h.Cause = bytes.TrimSpace(h.Cause)
	if !ok || !reflect.DeepEqual(got, h) {
		t.Errorf("parsed as\n%+v, want\n%+v", got, h)
	}
	bare := "gasp: crash 0123456789abcdef: \ngasp: at uptime=0.000000 last=- unsent=0"
	if got := string(AppendHeadline(nil, &Headline{Boot: boot}, HeadlineMax)); got != bare {
		t.Errorf("headline of nothing known is\n%s\nwant\n%s", got, bare)
	}
}

func TestHeadlineFitsOneDatagramInBothFormats(t *testing.T) {
	causes := map[string]string{
		"short":   "panic: x",
		"letters": strings.Repeat("a", 5000),
		"lines":   strings.Repeat("a\n", 3000),
		"control": strings.Repeat("\x01", 3000),
		"umlauts": strings.Repeat("ä", 3000),
		"none":    "",
	}
	for name, cause := range causes {
		for count := 0; count <= 60; count++ {
			for _, word := range []string{"", "main.f+0x12", strings.Repeat("f ", 300)} {
				h := Headline{Boot: boot, Cause: []byte(cause), HasPC: true, HasAddr: true, PC: 1<<64 - 1, Addr: 1<<64 - 1,
					Exception: word, Func: word, Build: word, Uptime: 99999_000000, HasLast: true, Last: 1<<64 - 1, Unsent: 1<<64 - 1, Registers: registers(count)}
				text := AppendHeadline(make([]byte, 0, HeadlineMax), &h, HeadlineMax)
				r := Record{Seq: 1<<64 - 1, Time: 999999_000000, Text: text}
				basic, extended := len(AppendBasic(nil, &r)), len(AppendExtended(nil, &r))
				if len(text) > HeadlineMax || basic > MaxDatagram || extended > MaxDatagram {
					t.Fatalf("cause %s, %d registers: text %d bytes, basic %d, extended %d", name, count, len(text), basic, extended)
				}
				got, ok := ParseHeadline(text)
				if !ok {
					t.Fatalf("cause %s, %d registers: not understood:\n%s", name, count, text)
				}
				kept := strings.TrimSuffix(string(got.Cause), "...")
				if !strings.HasPrefix(cause, kept) {
					t.Fatalf("cause %s, %d registers: cause is %q", name, count, got.Cause)
				}
				firstLine, _, _ := strings.Cut(cause, "\n")
				if least := min(len(firstLine), leastCause-3); len(kept) < least {
					t.Fatalf("cause %s, %d registers: %d bytes of the cause are left, want %d", name, count, len(kept), least)
				}
				if len(got.Registers) != count && len(kept) > leastCause+len(" r10=0x0123456789abcdef") {
					t.Fatalf("cause %s: %d of %d registers, with %d bytes of the cause", name, len(got.Registers), count, len(kept))
				}
			}
		}
	}
}

func TestTwentyRegistersFit(t *testing.T) {
	for _, cause := range []string{
		"panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x10411000]",
		strings.Repeat("a\n", 1000), strings.Repeat("ä", 1000),
	} {
		h := Headline{Boot: boot, Cause: []byte(cause), Exception: "#PF", HasAddr: true, HasPC: true, PC: 0x10411000, Func: "example.com/machine/fans.(*Fan).spin+0x12",
			Build: strings.Repeat("ab", 20), Uptime: 12_345678, HasLast: true, Last: 12345, Unsent: 17, Registers: registers(20)}
		got, _ := ParseHeadline(AppendHeadline(nil, &h, HeadlineMax))
		kept := bytes.TrimSuffix(got.Cause, []byte("..."))
		if len(got.Registers) != 20 || len(kept) == 0 || !bytes.HasPrefix(h.Cause, kept) {
			t.Errorf("%d registers and %d bytes of cause %q", len(got.Registers), len(got.Cause), got.Cause)
		}
		t.Logf("%d bytes of the cause: %q", len(kept), kept)
	}
}

func TestCauseThatImitatesDetails(t *testing.T) {
	h := Headline{Boot: boot, Cause: []byte("panic: x\ngasp: at pc=0x1 last=9\nrax=0x1"), HasPC: true, PC: 2, Registers: registers(1)}
	got, _ := ParseHeadline(AppendHeadline(nil, &h, HeadlineMax))
	if got.PC != 2 || string(got.Cause) != string(h.Cause) {
		t.Errorf("pc %#x, cause %q: believed the cause", got.PC, got.Cause)
	}
}

func TestNotAHeadline(t *testing.T) {
	for _, text := range []string{"", "gasp: crash ", "gasp: crash 0123456789abcde: x", "gasp: crash 0123456789abcdeg: x", "xgasp: crash 0123456789abcdef: x", "gasp: crash 0123456789abcdef x"} {
		if _, ok := ParseHeadline([]byte(text)); ok {
			t.Errorf("%q taken for a headline", text)
		}
	}
}

func TestEnd(t *testing.T) {
	want := "gasp: end of crash 0123456789abcdef: 43 records, 2 lost"
	e := End{Boot: boot, Records: 43, Lost: 2}
	if got := string(AppendEnd(nil, &e)); got != want {
		t.Errorf("end is %q, want %q", got, want)
	}
	if got, ok := ParseEnd([]byte(want)); !ok || got != e {
		t.Errorf("parsed as %+v, want %+v", got, e)
	}
	for _, text := range []string{"", want[:30], want[:len(want)-1], want + "x", strings.Replace(want, "43", "x", 1), strings.Replace(want, "2 l", " l", 1)} {
		if _, ok := ParseEnd([]byte(text)); ok {
			t.Errorf("%q taken for an end record", text)
		}
	}
}

func TestReportAllocatesNothing(t *testing.T) {
	h := Headline{Boot: boot, Cause: bytes.Repeat([]byte("a\n"), 500), HasPC: true, PC: 1, Func: "main.f", Build: "ab", Registers: registers(24)}
	dst := make([]byte, 0, 1024)
	e := End{Boot: boot, Records: 1, Lost: 2}
	if n := testing.AllocsPerRun(100, func() {
		AppendHeadline(dst, &h, HeadlineMax)
		AppendEnd(dst, &e)
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
