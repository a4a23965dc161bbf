package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// Messages as Linux sends them: Documentation/networking/netconsole.rst, printk.c, netconsole.c.
func TestEncodesAsLinux(t *testing.T) {
	tests := []struct {
		name            string
		record          Record
		basic, extended string
	}{
		{
			"the kernel documentation's example",
			Record{Level: 6, Seq: 444, Time: 501151268, Text: []byte("netconsole: network logging started")},
			"[  501.151268] netconsole: network logging started\n",
			"6,444,501151268,-;netconsole: network logging started\n",
		},
		{
			"facility, continuation and dictionary",
			Record{Level: 7, Facility: 1, Seq: 339, Time: 5140900, Cont: true, Text: []byte("NET: done"),
				Dict: []byte("SUBSYSTEM=acpi\nDEVICE=+acpi:PNP\x01\n")},
			"[    5.140900] NET: done\n",
			"15,339,5140900,c;NET: done\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP\\x01\n",
		},
		{
			"several lines, one empty",
			Record{Level: 0, Time: 99999_999999, Text: []byte("one\n\nthree\n")},
			"[99999.999999] one\n[99999.999999] \n[99999.999999] three\n[99999.999999] \n",
			"0,0,99999999999,-;one\\x0a\\x0athree\\x0a\n",
		},
		{
			"bytes that are escaped, at every place of a word",
			Record{Text: []byte("\\a\x1fbcdefghijklmno\x7fpqrstuvw\xffxyzABCDEFGH ~\x00")},
			"[    0.000000] \\a\x1fbcdefghijklmno\x7fpqrstuvw\xffxyzABCDEFGH ~\x00\n",
			"0,0,0,-;\\x5ca\\x1fbcdefghijklmno\\x7fpqrstuvw\\xffxyzABCDEFGH ~\\x00\n",
		},
		{
			"records kept back before it",
			Record{Level: 4, Seq: 9, Time: 100000_000001, Skip: 3},
			"[100000.000001] \n",
			"4,9,100000000001,-,skip=3;\n",
		},
	}
	for _, test := range tests {
		if got := string(AppendBasic(nil, &test.record)); got != test.basic {
			t.Errorf("%s: basic is\n%q, want\n%q", test.name, got, test.basic)
		}
		if got := string(AppendExtended(nil, &test.record)); got != test.extended {
			t.Errorf("%s: extended is\n%q, want\n%q", test.name, got, test.extended)
		}
	}
}

func TestCutsLongMessagesAsLinux(t *testing.T) {
	text := strings.Repeat("0123456789", 150)
	r := Record{Level: 6, Seq: 416, Time: 1758426, Text: []byte(text)}
	msg := AppendExtended(nil, &r)
	var got []string
	for pos := 0; ; {
		b, ok := NextExtended(make([]byte, 0, MaxDatagram), msg, &pos)
		if !ok {
			break
		}
		got = append(got, string(b))
	}
	// The header with ",ncfrag=0/1501;" is 32 bytes, with ",ncfrag=968/1501;" 34.
	want := []string{
		"6,416,1758426,-,ncfrag=0/1501;" + text[:970],
		"6,416,1758426,-,ncfrag=970/1501;" + text[970:] + "\n",
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("fragments are\n%q, want\n%q", got, want)
	}
	if len(got[0]) != MaxDatagram {
		t.Errorf("first fragment is %d bytes, want %d", len(got[0]), MaxDatagram)
	}

	msg = AppendBasic(nil, &r)
	var joined []byte
	var sizes []int
	for pos := 0; ; {
		b, ok := NextBasic(nil, msg, &pos)
		if !ok {
			break
		}
		joined = append(joined, b...)
		sizes = append(sizes, len(b))
	}
	if !bytes.Equal(joined, msg) || len(sizes) != 2 || sizes[0] != MaxDatagram {
		t.Errorf("basic pieces of %v bytes, want %d and the rest", sizes, MaxDatagram)
	}
}

func TestMessageOfOneDatagramStaysWhole(t *testing.T) {
	for _, size := range []int{MaxDatagram, MaxDatagram + 1} {
		msg := AppendExtended(nil, &Record{Text: bytes.Repeat([]byte{'a'}, size-len("0,0,0,-;\n"))})
		pos := 0
		first, _ := NextExtended(nil, msg, &pos)
		if whole := bytes.Equal(first, msg); whole != (size == MaxDatagram) {
			t.Errorf("a message of %d bytes: sent whole is %v", size, whole)
		}
	}
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name, in string
		want     Datagram
		err      error
	}{
		{"extended", "6,444,501151268,-;network logging started\n",
			Datagram{Extended: true, Record: Record{Level: 6, Seq: 444, Time: 501151268, Text: []byte("network logging started")}}, nil},
		{"with a release", "6.4.0,6,444,501151268,-;started\n",
			Datagram{Extended: true, Release: []byte("6.4.0"), Record: Record{Level: 6, Seq: 444, Time: 501151268, Text: []byte("started")}}, nil},
		{"unknown header fields and a skip", "14,1,2,c,caller=T1,skip=5,x;a;b\n",
			Datagram{Extended: true, Record: Record{Level: 6, Facility: 1, Seq: 1, Time: 2, Cont: true, Skip: 5, Text: []byte("a;b")}}, nil},
		{"dictionary, escapes and a trailing NUL", "6,1,2,-;a\\x0ab\\x5cx41\\q\n A=\\x01\n B=x\\x0ay\n\x00",
			Datagram{Extended: true, Record: Record{Level: 6, Seq: 1, Time: 2, Text: []byte("a\nb\\x41\\q"), Dict: []byte("A=\x01\nB=x\\x0ay\n")}}, nil},
		{"no newline", "6,1,2,+;text", Datagram{Extended: true, Record: Record{Level: 6, Seq: 1, Time: 2, Cont: true, Text: []byte("text")}}, nil},
		{"no text", "6,1,2,-;", Datagram{Extended: true, Record: Record{Level: 6, Seq: 1, Time: 2}}, nil},
		{"fragment", "6,416,1758426,-,ncfrag=33/60;1,2,;34",
			Datagram{Extended: true, FragOffset: 33, FragTotal: 60, Body: []byte("1,2,;34"), Record: Record{Level: 6, Seq: 416, Time: 1758426}}, nil},
		{"fragment beyond its total", "6,416,1,-,ncfrag=55/60;123456", Datagram{}, ErrFragment},
		{"fragment of a negative offset", "6,416,1,-,ncfrag=-1/60;123456", Datagram{}, ErrFragment},
		{"fragment of too much", "6,416,1,-,ncfrag=0/65537;123456", Datagram{}, ErrFragment},
		{"fragment with an overflowing offset", "6,416,1,-,ncfrag=9223372036854775807/10;123456", Datagram{}, ErrFragment},
		{"fragment of nothing", "6,416,1,-,ncfrag=0/0;", Datagram{}, ErrFragment},
		{"basic with time", "[    5.140900] NET: done\n", Datagram{Record: Record{Time: 5140900, Text: []byte("NET: done")}}, nil},
		{"basic with caller", "[    5.140900][    T1] NET: done\n", Datagram{Record: Record{Time: 5140900, Text: []byte("NET: done")}}, nil},
		{"basic of several lines", "[    5.140900] a\n[    5.140900] \n[    5.140900] c\n", Datagram{Record: Record{Time: 5140900, Text: []byte("a\n\nc")}}, nil},
		{"basic without time", "hello; world\n", Datagram{Record: Record{Text: []byte("hello; world")}}, nil},
		{"a prefix beyond a byte's facility", "2048,1,2,-;x", Datagram{Record: Record{Text: []byte("2048,1,2,-;x")}}, nil},
		{"a number beyond 64 bits", "6,18446744073709551616,2,-;x", Datagram{Record: Record{Text: []byte("6,18446744073709551616,2,-;x")}}, nil},
		{"the largest numbers", "6,18446744073709551615,18446744073709551615,-;x",
			Datagram{Extended: true, Record: Record{Level: 6, Seq: 1<<64 - 1, Time: 1<<64 - 1, Text: []byte("x")}}, nil},
		{"a bad continuation flag", "6,1,2,x;x", Datagram{Record: Record{Text: []byte("6,1,2,x;x")}}, nil},
		{"a time with a bad fraction", "[    5.14] x", Datagram{Record: Record{Text: []byte("[    5.14] x")}}, nil},
		{"only NULs", "\x00\x00", Datagram{Record: Record{Text: []byte{}}}, nil},
		{"empty", "", Datagram{}, ErrEmpty},
		{"too long", strings.Repeat("x", 65507), Datagram{}, ErrTooLong},
	}
	for _, test := range tests {
		buf := make([]byte, 0, len(test.in)+1)
		got, err := Decode([]byte(test.in), buf)
		if !errors.Is(err, test.err) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.err)
			continue
		}
		if err != nil {
			continue
		}
		if got.Extended != test.want.Extended || string(got.Release) != string(test.want.Release) ||
			got.FragOffset != test.want.FragOffset || got.FragTotal != test.want.FragTotal ||
			test.want.FragTotal > 0 && string(got.Body) != string(test.want.Body) {
			t.Errorf("%s: datagram is\n%+v, want\n%+v", test.name, got, test.want)
		}
		if !sameRecord(got.Record, test.want.Record) {
			t.Errorf("%s: record is\n%+v %q %q, want\n%+v", test.name, got.Record, got.Text, got.Dict, test.want.Record)
		}
	}
}

func sameRecord(a, b Record) bool {
	return a.Level == b.Level && a.Facility == b.Facility && a.Seq == b.Seq && a.Time == b.Time && a.Cont == b.Cont &&
		a.Skip == b.Skip && bytes.Equal(a.Text, b.Text) && bytes.Equal(a.Dict, b.Dict)
}

func TestDatagramsAllocateNothing(t *testing.T) {
	r := Record{Seq: 1 << 40, Time: 1 << 40, Text: bytes.Repeat([]byte("line \x1b\n"), 200), Dict: []byte("A=1\nB=2\n")}
	msg := make([]byte, 0, 8192)
	out := make([]byte, 0, MaxDatagram)
	buf := make([]byte, 0, 8192)
	allocations := testing.AllocsPerRun(100, func() {
		basic := AppendBasic(msg, &r)
		for pos, ok := 0, true; ok; {
			_, ok = NextBasic(out, basic, &pos)
		}
		extended := AppendExtended(msg, &r)
		for pos, ok := 0, true; ok; {
			var b []byte
			if b, ok = NextExtended(out, extended, &pos); ok {
				if _, err := Decode(b, buf); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations a record, want none", allocations)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "6,1,2,-;a\\x0a\n A=\\x01\n", "6.4.0,6,1,2,c,ncfrag=0/9;abc", "[    1.000000] a\n[    1.000000] b\n", ",,,,;"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Decode(b, make([]byte, 0, len(b)+1))
		if err != nil {
			return
		}
		if d.FragTotal != 0 && (d.FragOffset < 0 || d.FragOffset+len(d.Body) > d.FragTotal) {
			t.Fatalf("fragment %d+%d of %d", d.FragOffset, len(d.Body), d.FragTotal)
		}
		if len(d.Text)+len(d.Dict) > len(b)+1 {
			t.Fatalf("%d bytes decoded to %d", len(b), len(d.Text)+len(d.Dict))
		}
		ParseHeadline(d.Text)
		ParseEnd(d.Text)
	})
}

// What is encoded, cut, put together and decoded again is what it was.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint8(6), uint64(7), uint64(8), []byte("text\n\x1b"), []byte("A"))
	f.Add(uint8(255), uint64(1)<<63, uint64(1)<<63, bytes.Repeat([]byte("\xff"), 3000), []byte{})
	f.Fuzz(func(t *testing.T, prefix uint8, seq, usec uint64, text, value []byte) {
		if len(text) > 8192 || bytes.ContainsAny(value, "\n\\") {
			return
		}
		want := Record{Level: prefix & 7, Facility: prefix >> 3, Seq: seq, Time: usec, Cont: prefix&1 != 0, Text: text}
		if len(value) > 0 {
			want.Dict = append(append([]byte("K="), value...), '\n')
		}
		msg := AppendExtended(nil, &want)
		var body []byte
		var last Datagram
		for pos := 0; ; {
			b, ok := NextExtended(nil, msg, &pos)
			if !ok {
				break
			}
			d, err := Decode(b, nil)
			if err != nil || !d.Extended || len(b) > MaxDatagram {
				t.Fatalf("%d bytes %q: %v", len(b), b, err)
			}
			if d.FragTotal > 0 && d.FragOffset != len(body) {
				t.Fatalf("fragment at %d, want %d", d.FragOffset, len(body))
			}
			body, last = append(body, d.Body...), d
		}
		last.Text, last.Dict = ParseBody(body, nil)
		if !sameRecord(last.Record, want) {
			t.Fatalf("got %+v, want %+v", last.Record, want)
		}
	})
}
