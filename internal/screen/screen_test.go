package screen

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gasp/internal/queue"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 123_000_000, time.Local)
	from = source.Origin{Addr: netip.MustParseAddrPort("10.0.2.15:6665")}
)

func record(level uint8, extended bool, text string) *source.Record {
	return &source.Record{Record: wire.Record{Seq: 7, Level: level, Text: []byte(text)}, From: from, At: at, Extended: extended}
}

func show(s *Screen) {
	s.Record(record(6, true, "hello"))
	s.Record(record(3, true, "two\nlines\x1b[31m"))
	s.Record(record(0, false, "plain \x00"))
	late := record(4, true, "w")
	late.Late, late.Damaged = true, true
	s.Record(late)
	s.Note(&source.Note{From: from, At: at, Kind: source.Missing, First: 17, Last: 19})
	s.Note(&source.Note{From: from, At: at, Kind: source.Reboot})
	s.Note(&source.Note{From: from, At: at, Kind: source.Bad, Payload: nil, Size: 0, Err: errors.New("empty")})
	complete := &source.Crash{From: from, Began: at, Received: 43, Complete: true, Folder: "/d/crash"}
	s.CrashBegin(complete)
	s.CrashEnd(complete)
	s.CrashEnd(&source.Crash{From: from, HasHeadline: true, HasEnd: true, End: wire.End{Records: 43}, Received: 41, MissingRecords: 2,
		Missing: []source.Span{{First: 17, Last: 18}}, FolderErr: errors.New("disk full")})
	s.Say("storing in /d\x1b")
	s.Flush()
}

const records = `12:00:00.123 10.0.2.15 info   hello
12:00:00.123 10.0.2.15 err    two
                              lines\x1b[31m
12:00:00.123 10.0.2.15 -      plain \x00
12:00:00.123 10.0.2.15 warn   w (late, seq 7) (damaged)
`

const notes = `12:00:00.123 10.0.2.15 -- 3 records missing (seq 17-19)
12:00:00.123 10.0.2.15 -- rebooted: its numbers or its clock start again
12:00:00.123 10.0.2.15 -- bad datagram of 0 bytes: empty
`

const verdicts = `crash report of 10.0.2.15 complete: 43 records, /d/crash
crash report of 10.0.2.15 INCOMPLETE: 2 of 43 records missing (seq 17-18), not stored: disk full
-- storing in /d\x1b
`

func TestLines(t *testing.T) {
	var out bytes.Buffer
	show(New(&out, false, false))
	if want := records + notes + verdicts; out.String() != want {
		t.Errorf("shown was\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	show(New(&out, false, true))
	if want := notes + "12:00:00.123 10.0.2.15 -- crash: its headline has not come\n" + verdicts; out.String() != want {
		t.Errorf("quiet, shown was\n%s\nwant\n%s", out.String(), want)
	}
}

func TestColoursAreTheOnlyEscapes(t *testing.T) {
	var out bytes.Buffer
	show(New(&out, true, false))
	colour := regexp.MustCompile("\x1b\\[[0-9;]+m")
	if plain := colour.ReplaceAllString(out.String(), ""); plain != records+notes+verdicts {
		t.Errorf("without its colours, shown was\n%q", plain)
	}
	if !strings.Contains(out.String(), "\x1b[31mtwo\x1b[0m") {
		t.Errorf("an error is not red:\n%q", out.String())
	}
}

// stall is a terminal that takes nothing until it is released.
type stall struct {
	mu sync.Mutex
	bytes.Buffer
}

func (s *stall) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Buffer.Write(p)
}

// patience is how long a test waits for anything.
const patience = 20 * time.Second

func TestStalledTerminalHoldsNobodyUp(t *testing.T) {
	out := new(stall)
	out.mu.Lock()
	q := queue.New(New(out, false, false), queue.Options{Limit: 1 << 20})
	r := record(6, true, strings.Repeat("x", 1000))
	const count = 3000
	for range count {
		q.Record(r)
	}
	out.mu.Unlock()
	if !q.Flush(patience) {
		t.Fatal("the terminal takes everything, and not all is shown")
	}
	q.Record(record(6, true, "last"))
	q.Close(patience)
	text := out.String()
	shown, said := strings.Count(text, "x\n"), 0
	for _, n := range regexp.MustCompile(`-- (\d+) records? not shown, the output was too slow\n`).FindAllStringSubmatch(text, -1) {
		left, _ := strconv.Atoi(n[1])
		said += left
	}
	if shown+said != count || said == 0 || !strings.HasSuffix(text, " last\n") {
		t.Errorf("%d of %d lines shown, said %d are not; at the end is %q", shown, count, said, text[max(0, len(text)-200):])
	}
}

func TestRecordsAllocateNothing(t *testing.T) {
	s := New(io.Discard, true, false)
	r := record(3, true, strings.Repeat("x", 100)+"\nsecond")
	round := func() {
		for range 100 {
			s.Record(r)
		}
		s.Flush()
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for 100 records", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	s := New(io.Discard, true, false)
	r := record(6, true, strings.Repeat("x", 100))
	b.ReportAllocs()
	for range b.N {
		s.Record(r)
	}
}
