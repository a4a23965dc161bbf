package wire

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	for form, words := range map[Form]string{Crash: "crash", Report: "report", Kept: "kept crash"} {
		h := Headline{Form: form, Boot: boot, Cause: []byte("NMI"), Uptime: 1, HasPC: true, PC: 2}
		text := AppendHeadline(nil, &h, HeadlineMax)
		if want := "gasp: " + words + " 0123456789abcdef: NMI\ngasp: at pc=0x2 uptime=0.000001 last=- unsent=0"; string(text) != want {
			t.Errorf("headline is %q, want %q", text, want)
		}
		if got, ok := ParseHeadline(text); !ok || !reflect.DeepEqual(got, h) {
			t.Errorf("headline parsed as %+v, want %+v", got, h)
		}
		if h.CauseOffset() != bytes.Index(text, h.Cause) {
			t.Errorf("the cause of %q is not at %d", text, h.CauseOffset())
		}
		e := End{Form: form, Boot: boot, Records: 5, Lost: 1}
		text = AppendEnd(nil, &e)
		if want := "gasp: end of " + words + " 0123456789abcdef: 5 records, 1 lost"; string(text) != want {
			t.Errorf("end is %q, want %q", text, want)
		}
		if got, ok := ParseEnd(text); !ok || got != e {
			t.Errorf("end parsed as %+v, want %+v", got, e)
		}
		if _, ok := ParseHeadline(text); ok {
			t.Errorf("%q taken for a headline", text)
		}
	}
}

func TestAppendKept(t *testing.T) {
	for text, want := range map[string]string{
		"gasp: crash 0123456789abcdef: x\ngasp: at": "gasp: kept crash 0123456789abcdef: x\ngasp: at",
		"gasp: end of crash 0123456789abcdef: 1":    "gasp: end of kept crash 0123456789abcdef: 1",
		"gasp: kept crash 0123456789abcdef: x":      "gasp: kept crash 0123456789abcdef: x",
		"gasp: report 0123456789abcdef: x":          "gasp: report 0123456789abcdef: x",
		"gasp| gasp: crash":                         "gasp| gasp: crash",
		"":                                          "",
	} {
		if got := string(AppendKept([]byte("!"), []byte(text))); got != "!"+want {
			t.Errorf("kept, %q is %q, want %q", text, got, want)
		}
	}
}

// block is one of n registers with a value, and one more without, laid out for a format if one is given.
func block(n int, value uint64, extended ...bool) *Block {
	b := new(Block)
	for _, extended := range extended {
		b.Format(extended)
	}
	var names []string
	var values []uint64
	for i := range n {
		names, values = append(names, fmt.Sprint("r", i)), append(values, value*uint64(i+1))
	}
	b.Name(append(names, "none"))
	b.Set(values)
	return b
}

// A headline reads the same whether its registers were laid out ahead or not.
func TestBlockIsAsRegisters(t *testing.T) {
	for n := 0; n <= MaxRegisters; n++ {
		for _, value := range []uint64{0, 1, 0x0123456789abcdef, 0xfedcba9876543210, 1<<64 - 1} {
			for _, cause := range []string{"short", strings.Repeat("a\n", 300), strings.Repeat("ä", 200)} {
				h := Headline{Boot: boot, Cause: []byte(cause)}
				with := h
				for i := range n {
					h.Registers = append(h.Registers, Register{fmt.Sprint("r", i), value * uint64(i+1)})
				}
				want := AppendHeadline(nil, &h, HeadlineMax)
				for _, b := range []*Block{block(n, value), block(n, value, false), block(n, value, true), block(n, value, true, false)} {
					with.Block = b
					if got := AppendHeadline(nil, &with, HeadlineMax); !bytes.Equal(got, want) {
						t.Fatalf("%d registers:\n%s\nwant\n%s", n, got, want)
					}
				}
			}
		}
	}
}

func TestBlockBounds(t *testing.T) {
	b := new(Block)
	b.Set([]uint64{1, 2})
	if b.count != 0 {
		t.Error("values without names are written")
	}
	names := make([]string, 2*MaxRegisters)
	for i := range names {
		names[i] = strings.Repeat("name ", 40)
	}
	b.Name(names)
	b.Set(make([]uint64, 3*MaxRegisters))
	h := Headline{Boot: boot, Block: b}
	if got, ok := ParseHeadline(AppendHeadline(nil, &h, HeadlineMax)); !ok || len(got.Registers) == 0 || len(got.Registers[0].Name) != longestName {
		t.Errorf("registers are %v", got.Registers)
	}
}

// The short way to a message leads to the same bytes as the long one.
func TestHeadlineMessageIsTheTextEncoded(t *testing.T) {
	whole := 0
	for _, cause := range []string{"", "NMI", "panic: oh\n\tsecond line", "panic: oh\n[signal SIGSEGV]\n\n", `back\slash`, strings.Repeat("x", 300), strings.Repeat("a\n", 90)} {
		for _, n := range []int{0, 1, 4, 17, 20, 32} {
			for _, uptime := range []uint64{0, 12_345678, 99_999_999_999, 100_000_000_000, 1 << 62} {
				h := Headline{Boot: boot, Cause: []byte(cause), Exception: "#PF", HasPC: true, PC: 0x10411234, Func: "main.f+0x12", HasAddr: true,
					Build: strings.Repeat("ab", 20), Uptime: uptime, HasLast: true, Last: 12345, Unsent: 17, Block: block(n, 0x123456789)}
				for i := range 4 {
					extended := i&1 != 0
					if i&2 != 0 {
						h.Block, h.Build = block(n, 0x123456789, extended), ""
						h.Block.Identify(strings.Repeat("ab", 20))
					}
					r := Record{Seq: 12346, Time: uptime, Skip: 3}
					got, ok := h.AppendMessage(make([]byte, 0, 2*MaxDatagram), &r, extended, HeadlineMax)
					if !ok {
						continue
					}
					whole++
					r.Text = AppendHeadline(nil, &h, HeadlineMax)
					want := AppendBasic(nil, &r)
					if extended {
						want = AppendExtended(nil, &r)
					}
					if !bytes.Equal(got, want) || len(got) > MaxDatagram {
						t.Fatalf("extended %v, %d bytes:\n%q\nwant\n%q", extended, len(got), got, want)
					}
				}
			}
		}
	}
	if whole < 300 {
		t.Errorf("only %d headlines took the short way", whole)
	}
}

func FuzzForms(f *testing.F) {
	for _, form := range []Form{Crash, Report, Kept} {
		h := Headline{Form: form, Boot: boot, Cause: []byte("panic: oh\n\tmore"), HasPC: true, PC: 1, Registers: registers(5)}
		f.Add(AppendHeadline(nil, &h, HeadlineMax))
		f.Add(AppendEnd(nil, &End{Form: form, Boot: boot, Records: 3}))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		h, isHeadline := ParseHeadline(text)
		e, isEnd := ParseEnd(text)
		if isHeadline && isEnd {
			t.Errorf("%q is headline and end", text)
		}
		kept := AppendKept(nil, text)
		if isHeadline && h.Form == Crash {
			if again, ok := ParseHeadline(kept); !ok || again.Form != Kept || !bytes.Equal(again.Cause, h.Cause) {
				t.Errorf("%q kept is %q", text, kept)
			}
		}
		if isEnd && e.Form == Crash {
			if again, ok := ParseEnd(kept); !ok || again.Form != Kept || again.Records != e.Records {
				t.Errorf("%q kept is %q", text, kept)
			}
		}
	})
}
