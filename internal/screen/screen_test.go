package screen

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

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

func TestStalledTerminalHoldsNobodyUp(t *testing.T) {
	out := new(stall)
	out.mu.Lock()
	q := NewQueue(out)
	line := []byte(strings.Repeat("x", 1023) + "\n")
	const count = 3 * queueSize / 1024
	for range count {
		q.Write(line)
	}
	waits, lost := q.Waiting(), q.Lost()
	out.mu.Unlock()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		q.mu.Lock()
		empty := len(q.waiting) == 0
		q.mu.Unlock()
		if empty {
			break
		}
	}
	q.Write([]byte("last\n"))
	q.Close()
	note := regexp.MustCompile(`-- (\d+) records not shown, the output was too slow\nlast\n$`).FindStringSubmatch(out.String())
	if note == nil {
		t.Fatalf("at the end is %q", out.String()[max(0, out.Len()-200):])
	}
	if waits > queueSize || waits <= queueSize-len(line) || fmt.Sprint(lost) != note[1] {
		t.Errorf("%d bytes waited and %d lines were lost, said %s", waits, lost, note[1])
	}
	if shown := strings.Count(out.String(), "x\n"); note[1] == "0" || shown == count || shown < queueSize/1024-1 {
		t.Errorf("%d of %d lines shown, said %s are not", shown, count, note[1])
	}
}

func TestCloseDoesNotWaitForever(t *testing.T) {
	out := new(stall)
	out.mu.Lock()
	q := NewQueue(out)
	q.Write([]byte("x\n"))
	began := time.Now()
	q.Close()
	if took := time.Since(began); took > closePatience+2*time.Second {
		t.Errorf("took %v", took)
	}
	out.mu.Unlock()
}
