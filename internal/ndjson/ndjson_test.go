package ndjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gasp/internal/linefile"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	from = source.Origin{Addr: netip.MustParseAddrPort("10.0.2.15:6665")}
)

func newWriter(t testing.TB) (w *Writer, read func() string) {
	path := filepath.Join(t.TempDir(), "out")
	w = New(func(text string) { t.Error(text) }, func(o linefile.Options) *linefile.File { return linefile.New(path, o) })
	return w, func() string {
		w.Close()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
}

func record(text string) *source.Record {
	return &source.Record{Record: wire.Record{Level: 4, Facility: 1, Seq: 7, Time: 1_500_000, Text: []byte(text)}, From: from, At: at, Format: source.Extended, Extended: true}
}

func TestObjects(t *testing.T) {
	w, read := newWriter(t)
	w.Record(record("hello \"\\\n\x1b[31m\x7f Grüße \u009b\u202e🙂\U000e0001"))
	full := record("\xff\x00")
	full.Dict, full.Late, full.Damaged, full.Cont, full.Report, full.Headline, full.Form = []byte("A=b=c\nodd\n=\xfe\n"), true, true, true, true, true, wire.Kept
	full.From.Device = "rack 7"
	w.Record(full)
	w.Record(&source.Record{Record: wire.Record{Text: []byte("plain")}, From: from, At: at})
	w.Note(&source.Note{From: from, At: at, Kind: source.Missing, First: 17, Last: 19})
	w.Note(&source.Note{From: from, At: at, Kind: source.Reboot})
	w.Note(&source.Note{From: from, At: at, Kind: source.Bad, Payload: []byte{1}, Size: 1, Err: errors.New("odd")})
	w.Note(&source.Note{At: at, Kind: source.Overflow, Count: 5})
	const origin = `"time":"2026-11-23T12:00:00.123456789Z","host":"10.0.2.15","address":"10.0.2.15:6665"`
	want := `{"type":"record",` + origin + `,"format":"extended","seq":7,"level":4,"facility":1,"uptime_us":1500000,"text":"hello \"\\\n\u001b[31m\u007f Grüße \u009b\u202e🙂\udb40\udc01"}
{"type":"record",` + strings.Replace(origin, `"10.0.2.15"`, `"rack 7"`, 1) + `,"device":"rack 7","format":"extended","seq":7,"level":4,"facility":1,"uptime_us":1500000,"cont":true,"late":true,"damaged":true,"report":"kept","headline":true,"text":"\ufffd\u0000","text_base64":"/wA=","dict":{"A":"b=c","odd":null,"":"\ufffd"},"dict_base64":"QT1iPWMKb2RkCj3+Cg=="}
{"type":"record",` + origin + `,"format":"basic","text":"plain"}
{"type":"missing",` + origin + `,"first":17,"last":19,"count":3,"text":"-- 3 records missing (seq 17-19)"}
{"type":"reboot",` + origin + `,"text":"-- rebooted: its numbers or its clock start again"}
{"type":"bad",` + origin + `,"size":1,"error":"odd","payload_base64":"AQ==","text":"-- bad datagram of 1 byte: odd: \\x01"}
{"type":"overflow","time":"2026-11-23T12:00:00.123456789Z","count":5,"text":"-- 5 records not stored here, the sink was too slow"}
`
	if got := read(); got != want {
		t.Errorf("written is\n%s\nwant\n%s", got, want)
	}
}

func TestReports(t *testing.T) {
	w, read := newWriter(t)
	boot := [16]byte([]byte("0123456789abcdef"))
	c := &source.Crash{ID: 3, From: from, Began: at, Last: at.Add(time.Second)}
	w.CrashBegin(c)
	c.HasHeadline, c.HasEnd, c.Received, c.MissingRecords, c.Missing, c.Repeats, c.Folder = true, true, 3, 2, []source.Span{{First: 4, Last: 5}}, 1, "/d"
	c.Headline = wire.Headline{Boot: boot, Cause: []byte("oh\xff"), Uptime: 9, Build: "ab", Exception: "#PF", HasPC: true, PC: 31, Func: "main.f", HasAddr: true}
	c.End = wire.End{Boot: boot, Records: 5, Lost: 1}
	w.Repeated(c, at)
	w.CrashEnd(c)
	lines := strings.Split(strings.TrimSpace(read()), "\n")
	var o [3]map[string]any
	for i := range o {
		if err := json.Unmarshal([]byte(lines[i]), &o[i]); err != nil {
			t.Fatalf("%v: %s", err, lines[i])
		}
	}
	for i, members := range []map[string]any{
		{"type": "report-begin", "id": 3.0, "form": "crash", "boot": nil, "cause": nil},
		{"type": "report-repeated", "repeats": 1.0, "boot": "0123456789abcdef", "cause": "oh\ufffd", "cause_base64": "b2j/", "uptime_us": 9.0, "build": "ab",
			"exception": "#PF", "pc": "0x1f", "function": "main.f", "address_accessed": "0x0", "host": "10.0.2.15"},
		{"type": "report-end", "complete": false, "verdict": "INCOMPLETE: 2 of 5 records missing (seq 4-5), 1 lost by the sender", "received": 3.0, "expected": 5.0,
			"lost_by_sender": 1.0, "missing": 2.0, "damaged": 0.0, "repeats": 1.0, "folder": "/d", "began": "2026-11-23T12:00:00.123456789Z", "time": "2026-11-23T12:00:01.123456789Z"},
	} {
		for name, want := range members {
			if o[i][name] != want {
				t.Errorf("%s of %s is %v, want %v", name, members["type"], o[i][name], want)
			}
		}
	}
	if !strings.Contains(lines[2], `"missing_numbers":[[4,5]]`) {
		t.Error(lines[2])
	}
}

func TestLineThatWasNotWrittenWholeIsNoObject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	os.WriteFile(path, []byte(`{"type":"rec`), 0o600)
	w := New(func(string) {}, func(o linefile.Options) *linefile.File { return linefile.New(path, o) })
	w.Record(record("x"))
	w.Close()
	b, _ := os.ReadFile(path)
	lines := strings.Split(string(b), "\n")
	if len(lines) != 4 || json.Valid([]byte(lines[0])) || !strings.HasPrefix(lines[1], `{"type":"cut",`) || !json.Valid([]byte(lines[1])) || !json.Valid([]byte(lines[2])) {
		t.Errorf("written is\n%s", b)
	}
}

func TestLostRecordsAreSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	os.Symlink("/dev/full", path)
	w := New(func(string) {}, func(o linefile.Options) *linefile.File { return linefile.New(path, o) })
	w.Record(record("x"))
	w.Flush()
	os.Remove(path)
	w.Close()
	b, err := os.ReadFile(path)
	if err != nil || !json.Valid(b) || !bytes.Contains(b, []byte(`"count":1,"text":"-- 1 record could not be written here"`)) {
		t.Errorf("%v: written is %s", err, b)
	}
}

// Whatever came, a line is one valid object, and what came can be had from it.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("text"), []byte("K=V\n"))
	f.Add([]byte("\xff\x00\"\\\u2028"), []byte("\n=\n\xc3"))
	f.Add([]byte("12345678\x80"), []byte("A=1\nA=2"))
	f.Fuzz(func(t *testing.T, text, dict []byte) {
		w := New(func(string) {}, func(o linefile.Options) *linefile.File { return linefile.New("/dev/null", o) })
		r := record(string(text))
		r.Dict = dict
		w.Record(r)
		line := w.buf
		if len(line) == 0 {
			return // more than the buffer takes
		}
		var o struct {
			Text   string
			Base64 string `json:"text_base64"`
		}
		if err := json.Unmarshal(line, &o); err != nil || !utf8.Valid(line) || bytes.Count(line, []byte{'\n'}) != 1 {
			t.Fatalf("%v: %q", err, line)
		}
		if bytes.ContainsFunc(line[:len(line)-1], func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x202e }) {
			t.Fatalf("drives a terminal: %q", line)
		}
		got := []byte(o.Text)
		if o.Base64 != "" {
			got, _ = base64.StdEncoding.DecodeString(o.Base64)
		}
		if !bytes.Equal(got, text) {
			t.Fatalf("%q came as %q", text, got)
		}
	})
}

func TestRecordsAllocateNothing(t *testing.T) {
	w, _ := newWriter(t)
	defer w.Close()
	r := record(strings.Repeat("x", 100) + "\xff")
	r.Dict = []byte("SUBSYSTEM=acpi\n")
	round := func() {
		for range 100 {
			w.Record(r)
		}
		w.Flush()
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for 100 records", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	w, _ := newWriter(b)
	r := record(strings.Repeat("x", 100))
	b.ReportAllocs()
	for range b.N {
		r.Seq++
		w.Record(r)
	}
	b.StopTimer()
	w.Close()
}
