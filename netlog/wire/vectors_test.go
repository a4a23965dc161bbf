package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The test vectors in testdata/vectors are for other implementations: NAME.hex is datagrams, a line each, and
// NAME.json what they say. They are checked both ways: what is made of the JSON is the datagrams, and what is
// read from the datagrams is the JSON. GASP_VECTORS=1 writes them anew.

// hexBytes are bytes that the JSON has in hexadecimal.
type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

// vector is one of the JSON files. Numbers that need more than 53 bits are strings.
type vector struct {
	About  string `json:"about"`
	Format string `json:"format"` // basic, extended, sealed, answer
	// Record is that of a basic or an extended message, in one datagram or in fragments.
	Record  *vectorRecord `json:"record,omitempty"`
	Release string        `json:"release,omitempty"`
	// The rest is of the sealed format.
	Key        hexBytes      `json:"key,omitempty"`
	ID         hexBytes      `json:"id,omitempty"`
	Boot       hexBytes      `json:"boot,omitempty"`
	RecordsKey hexBytes      `json:"records_key,omitempty"`
	AnswersKey hexBytes      `json:"answers_key,omitempty"`
	Number     uint64        `json:"number,string,omitempty"`
	Status     *vectorStatus `json:"status,omitempty"`
	Items      []vectorItem  `json:"items,omitempty"`
	Answer     *vectorAnswer `json:"answer,omitempty"`
	Headline   *vectorReport `json:"headline,omitempty"`
	End        *vectorReport `json:"end,omitempty"`
}

type vectorRecord struct {
	Facility uint8    `json:"facility"`
	Level    uint8    `json:"level"`
	Seq      uint64   `json:"seq,string"`
	Time     uint64   `json:"time,string"`
	Cont     bool     `json:"cont,omitempty"`
	Skip     uint64   `json:"skip,string,omitempty"`
	Text     hexBytes `json:"text"`
	Dict     hexBytes `json:"dict,omitempty"`
}

type vectorStatus struct {
	Time      uint64   `json:"time,string"`
	Next      uint64   `json:"next,string"`
	Oldest    uint64   `json:"oldest,string"`
	Heartbeat uint16   `json:"heartbeat"`
	Want      bool     `json:"want"`
	Dying     bool     `json:"dying"`
	Over      bool     `json:"over"`
	Proof     hexBytes `json:"proof"`
}

type vectorItem struct {
	Kind   uint8         `json:"kind"`
	Record *vectorRecord `json:"record,omitempty"`
	First  uint64        `json:"first,string,omitempty"`
	Last   uint64        `json:"last,string,omitempty"`
	Text   hexBytes      `json:"text,omitempty"`
	Proof  hexBytes      `json:"proof,omitempty"`
}

type vectorAnswer struct {
	Session hexBytes `json:"session"`
	Number  uint64   `json:"number,string"`
	Heard   uint64   `json:"heard,string"`
	Upto    uint64   `json:"upto,string"`
	Wanted  []string `json:"wanted,omitempty"` // "first-last"
}

// vectorReport is what a headline or an end record says.
type vectorReport struct {
	Form    uint8  `json:"form"` // 0 crash, 1 report, 2 kept crash
	Boot    string `json:"boot"`
	Cause   string `json:"cause,omitempty"`
	PC      uint64 `json:"pc,string,omitempty"`
	Func    string `json:"func,omitempty"`
	Build   string `json:"build,omitempty"`
	Uptime  uint64 `json:"uptime,string,omitempty"`
	Last    uint64 `json:"last,string,omitempty"`
	Unsent  uint64 `json:"unsent,string,omitempty"`
	Records uint64 `json:"records,string,omitempty"`
	Lost    uint64 `json:"lost,string,omitempty"`
}

func (r *vectorRecord) record() Record {
	return Record{Facility: r.Facility, Level: r.Level, Seq: r.Seq, Time: r.Time, Cont: r.Cont, Skip: r.Skip, Text: r.Text, Dict: r.Dict}
}

func vectorOf(r *Record) *vectorRecord {
	return &vectorRecord{r.Facility, r.Level, r.Seq, r.Time, r.Cont, r.Skip, bytes.Clone(r.Text), bytes.Clone(r.Dict)}
}

// encode makes the datagrams of what the JSON says.
func (v *vector) encode(t *testing.T) (datagrams [][]byte) {
	t.Helper()
	switch v.Format {
	case "basic", "extended":
		r := v.Record.record()
		if v.Headline != nil {
			h := Headline{Form: Form(v.Headline.Form), Boot: [16]byte([]byte(v.Headline.Boot)), Cause: []byte(v.Headline.Cause), PC: v.Headline.PC, HasPC: true, Func: v.Headline.Func,
				Build: v.Headline.Build, Uptime: v.Headline.Uptime, Last: v.Headline.Last, HasLast: true, Unsent: v.Headline.Unsent}
			if text := AppendHeadline(nil, &h, HeadlineMax); !bytes.Equal(text, r.Text) {
				t.Errorf("the headline is %q, want %q", text, r.Text)
			}
		}
		if v.End != nil {
			e := End{Form: Form(v.End.Form), Boot: [16]byte([]byte(v.End.Boot)), Records: v.End.Records, Lost: v.End.Lost}
			if text := AppendEnd(nil, &e); !bytes.Equal(text, r.Text) {
				t.Errorf("the end is %q, want %q", text, r.Text)
			}
		}
		message, next := AppendBasic(nil, &r), NextBasic
		if v.Format == "extended" {
			message, next = AppendExtended(nil, &r), NextExtended
		}
		for pos := 0; ; {
			d, ok := next(nil, message, &pos)
			if !ok {
				return datagrams
			}
			if v.Release != "" {
				d = append([]byte(v.Release+","), d...)
			}
			datagrams = append(datagrams, d)
		}
	case "sealed":
		key, boot := Key(v.Key), [BootSize]byte(v.Boot)
		s := NewSealer(&key, &boot)
		b := s.Begin(make([]byte, 0, MaxSealed))
		for _, i := range v.Items {
			switch kind := ItemKind(i.Kind); kind {
			case ItemRecord:
				r := i.Record.record()
				b = AppendRecordItem(b, &r)
			case ItemLastWords:
				b = AppendLastWordsItem(b, i.Text)
			case ItemProof:
				b = AppendProofItem(b, (*[BootSize]byte)(i.Proof))
			default:
				b = AppendSpanItem(b, kind, i.First, i.Last)
			}
		}
		w := v.Status
		return [][]byte{s.Seal(b, v.Number, &Status{w.Time, w.Next, w.Oldest, w.Heartbeat, w.Want, w.Dying, w.Over, [BootSize]byte(w.Proof)})}
	case "answer":
		key, boot := Key(v.Key), [BootSize]byte(v.Boot)
		a := Answer{Session: [BootSize]byte(v.Answer.Session), Number: v.Answer.Number, Heard: v.Answer.Heard, Upto: v.Answer.Upto, Runs: len(v.Answer.Wanted)}
		for i, s := range v.Answer.Wanted {
			fmt.Sscanf(s, "%d-%d", &a.Wanted[i].First, &a.Wanted[i].Last)
		}
		return [][]byte{NewOpener(&key, &boot).AppendAnswer(nil, &a)}
	}
	t.Fatalf("format %q", v.Format)
	return nil
}

// decode reads the datagrams into a vector that has what cannot be read from them of v.
func (v *vector) decode(t *testing.T, datagrams [][]byte) *vector {
	t.Helper()
	got := &vector{About: v.About, Format: v.Format, Key: v.Key}
	if v.Key != nil {
		key := Key(v.Key)
		id := key.ID()
		got.ID = id[:]
		h, err := ParseSealedHeader(datagrams[0])
		if err != nil || h.ID != id {
			t.Fatalf("header %+v, %v", h, err)
		}
		records, answers := key.bootKeys(&h.Boot)
		got.Boot, got.RecordsKey, got.AnswersKey = h.Boot[:], records[:], answers[:]
	}
	switch v.Format {
	case "basic":
		r := ParseBasic(bytes.Join(datagrams, nil), nil)
		got.Record = vectorOf(&r)
	case "extended":
		var body []byte
		for _, b := range datagrams {
			d, err := Decode(b, make([]byte, len(b)+1))
			if err != nil || d.FragTotal > 0 && d.FragOffset != len(body) || d.FragTotal == 0 && len(datagrams) > 1 {
				t.Fatalf("%q: %+v, %v", b, d, err)
			}
			got.Record, got.Release = vectorOf(&d.Record), string(d.Release)
			body = append(body, d.Body...)
		}
		got.Record.Text, got.Record.Dict = ParseBody(body, nil)
		if h, ok := ParseHeadline(got.Record.Text); ok {
			got.Headline = &vectorReport{Form: uint8(h.Form), Boot: string(h.Boot[:]), Cause: string(h.Cause), PC: h.PC, Func: h.Func, Build: h.Build, Uptime: h.Uptime, Last: h.Last, Unsent: h.Unsent}
		}
		if e, ok := ParseEnd(got.Record.Text); ok {
			got.End = &vectorReport{Form: uint8(e.Form), Boot: string(e.Boot[:]), Records: e.Records, Lost: e.Lost}
		}
	case "sealed":
		key, boot := Key(v.Key), [BootSize]byte(got.Boot)
		h, _ := ParseSealedHeader(datagrams[0])
		s, items, err := NewOpener(&key, &boot).Open(nil, datagrams[0])
		if err != nil {
			t.Fatal(err)
		}
		got.Number = h.Number
		got.Status = &vectorStatus{s.Time, s.Next, s.Oldest, s.Heartbeat, s.Want, s.Dying, s.Over, s.Proof[:]}
		for _, i := range readItems(t, items) {
			item := vectorItem{Kind: uint8(i.Kind), First: i.First, Last: i.Last}
			switch i.Kind {
			case ItemRecord:
				item.Record = vectorOf(&i.Record)
			case ItemLastWords:
				item.Text = i.Record.Text
			case ItemProof:
				item.Proof = i.Proof[:]
			}
			got.Items = append(got.Items, item)
		}
	case "answer":
		key, boot := Key(v.Key), [BootSize]byte(got.Boot)
		a, err := NewSealer(&key, &boot).OpenAnswer(bytes.Clone(datagrams[0]))
		if err != nil {
			t.Fatal(err)
		}
		got.Answer = &vectorAnswer{Session: a.Session[:], Number: a.Number, Heard: a.Heard, Upto: a.Upto}
		for _, r := range a.Wanted[:a.Runs] {
			got.Answer.Wanted = append(got.Answer.Wanted, fmt.Sprintf("%d-%d", r.First, r.Last))
		}
	}
	return got
}

// vectors are what is written.
func vectors() map[string]*vector {
	key, boot, session := hexBytes("0123456789abcdefghijklmnopqrstuv"), hexBytes("a random boot id"), hexBytes("session of a day")
	record := func(level uint8, seq uint64, text string) *vectorRecord {
		return &vectorRecord{Level: level, Seq: seq, Time: 1_234_000 + seq, Text: hexBytes(text)}
	}
	noProof := make(hexBytes, BootSize)
	h := Headline{Boot: [16]byte([]byte("0123456789abcdef")), Cause: []byte("panic: oh\ngoroutine 1"), PC: 0x10012345, HasPC: true, Func: "main.main+0x25", Build: "abcdef0123456789", Uptime: 1_234_567, Last: 42, HasLast: true, Unsent: 2}
	end := End{Boot: h.Boot, Records: 40, Lost: 1}
	dict := record(6, 43, "eth0: link is up")
	dict.Dict = hexBytes("SUBSYSTEM=net\nDEVICE=n2\n")
	basic := record(0, 0, "two\nlines")
	escaped := &vectorRecord{Facility: 1, Level: 4, Seq: 42, Time: 1_234_567, Cont: true, Skip: 3, Text: hexBytes("tab\t, backslash \\, \xc3\xbc, newline\n, NUL\x00")}
	return map[string]*vector{
		"basic":               {Format: "basic", About: "two lines with printk.time=1; level and number do not travel", Record: basic},
		"basic-long":          {Format: "basic", About: "a line longer than a datagram", Record: record(0, 0, strings.Repeat("0123456789", 150))},
		"extended":            {Format: "extended", About: "escapes, a continued line, facility 1, and three records before it that were kept back", Record: escaped},
		"extended-dictionary": {Format: "extended", About: "a dictionary", Record: dict},
		"extended-fragments":  {Format: "extended", About: "a message in fragments", Record: record(6, 44, strings.Repeat("0123456789", 250))},
		"extended-release":    {Format: "extended", About: "Linux can put its release in front", Record: record(6, 45, "hello"), Release: "6.12.0"},
		"extended-headline": {Format: "extended", About: "the headline of a crash report", Record: record(0, 45, string(AppendHeadline(nil, &h, HeadlineMax))),
			Headline: &vectorReport{Boot: string(h.Boot[:]), Cause: string(h.Cause), PC: h.PC, Func: h.Func, Build: h.Build, Uptime: h.Uptime, Last: h.Last, Unsent: h.Unsent}},
		"extended-line": {Format: "extended", About: "a line of a crash report", Record: record(0, 46, ReportPrefix+"goroutine 1 [running]:")},
		"extended-end": {Format: "extended", About: "the end of a crash report", Record: record(0, 84, string(AppendEnd(nil, &end))),
			End: &vectorReport{Boot: string(end.Boot[:]), Records: end.Records, Lost: end.Lost}},
		"sealed-hello": {Format: "sealed", About: "the first datagram of a boot: it asks for an answer", Key: key, Boot: boot, Number: 1,
			Status: &vectorStatus{Time: 1000, Heartbeat: 50, Want: true, Proof: noProof}},
		"sealed-items": {Format: "sealed", About: "an item of every kind that has numbers", Key: key, Boot: boot, Number: 7,
			Status: &vectorStatus{Time: 1_234_567, Next: 46, Oldest: 3, Heartbeat: 50, Proof: session},
			Items: []vectorItem{{Kind: 1, Record: &vectorRecord{Facility: 3, Level: 6, Seq: 42, Time: 1_234_000, Cont: true, Text: hexBytes("two\nlines\x00\xff"), Dict: hexBytes("A=b\n")}},
				{Kind: 2, First: 43, Last: 44}, {Kind: 3, First: 0, Last: 2}, {Kind: 1, Record: record(0, 45, "")}}},
		"sealed-crash": {Format: "sealed", About: "the headline of a crash, the first datagram of the crash path", Key: key, Boot: boot, Number: FirstCrashNumber,
			Status: &vectorStatus{Time: 1_234_567, Next: 46, Oldest: 3, Heartbeat: 50, Dying: true, Proof: session},
			Items:  []vectorItem{{Kind: 1, Record: record(0, 45, string(AppendHeadline(nil, &h, HeadlineMax)))}}},
		"sealed-several": {Format: "sealed", About: "a datagram for three log hosts that have all answered", Key: key, Boot: boot, Number: 8,
			Status: &vectorStatus{Time: 1_234_567, Next: 47, Oldest: 3, Heartbeat: 50, Proof: session},
			Items: []vectorItem{{Kind: 5, Proof: hexBytes("session of night")}, {Kind: 5, Proof: hexBytes("the third session"[:16])},
				{Kind: 1, Record: record(6, 46, "to all of you")}}},
		"sealed-last-words": {Format: "sealed", About: "the frame sealed at start for a report that fails", Key: key, Boot: boot, Number: LastNumber,
			Status: &vectorStatus{Dying: true, Proof: noProof}, Items: []vectorItem{{Kind: 4, Text: hexBytes("gasp: crash 0123456789abcdef: " + FailedCause)}}},
		"answer":       {Format: "answer", About: "what is missing is asked for", Key: key, Boot: boot, Answer: &vectorAnswer{Session: session, Number: 9, Heard: 77, Upto: 40, Wanted: []string{"40-41", "44-44"}}},
		"answer-first": {Format: "answer", About: "the answer to the first datagram", Key: key, Boot: boot, Answer: &vectorAnswer{Session: session, Number: 1, Heard: 1}},
	}
}

func TestVectors(t *testing.T) {
	dir := filepath.Join("testdata", "vectors")
	if os.Getenv("GASP_VECTORS") != "" {
		os.MkdirAll(dir, 0o755)
		for name, v := range vectors() {
			datagrams := v.encode(t)
			var text []byte
			for _, d := range datagrams {
				text = append(hex.AppendEncode(text, d), '\n')
			}
			os.WriteFile(filepath.Join(dir, name+".hex"), text, 0o644)
			b, _ := json.MarshalIndent(v.decode(t, datagrams), "", "  ")
			os.WriteFile(filepath.Join(dir, name+".json"), append(b, '\n'), 0o644)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(files) != len(vectors()) {
		t.Errorf("%d vectors, want %d", len(files), len(vectors()))
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var v vector
			d := json.NewDecoder(bytes.NewReader(b))
			d.DisallowUnknownFields()
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(strings.TrimSuffix(path, "json") + "hex")
			if err != nil {
				t.Fatal(err)
			}
			var want [][]byte
			for line := range strings.Lines(string(text)) {
				b, err := hex.DecodeString(strings.TrimSuffix(line, "\n"))
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, b)
			}
			if got := v.encode(t); !reflect.DeepEqual(got, want) {
				t.Errorf("what is made of the JSON is\n%q\nwant\n%q", got, want)
			}
			got, _ := json.MarshalIndent(v.decode(t, want), "", "  ")
			if string(got)+"\n" != string(b) {
				t.Errorf("what is read from the datagrams is\n%s\nwant\n%s", got, b)
			}
		})
	}
}
