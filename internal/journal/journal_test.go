package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gasp/internal/queue"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

// patience is how long a test waits for anything.
const patience = 20 * time.Second

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)
	from = source.Origin{Addr: netip.MustParseAddrPort("10.0.2.15:6665")}
)

func record(text string) *source.Record {
	return &source.Record{Record: wire.Record{Level: 4, Facility: 1, Seq: 7, Time: 1_500_000, Text: []byte(text)}, From: from, At: at, Extended: true}
}

// listen opens a socket as the journal's.
func listen(t testing.TB, path string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// read reads one entry and parses it as the journal does.
func read(t *testing.T, conn *net.UnixConn) map[string]string {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(patience))
	buf, oob := make([]byte, 1<<20), make([]byte, 100)
	n, oobn, _, _, err := conn.ReadMsgUnix(buf, oob)
	if err != nil {
		t.Fatal(err)
	}
	entry := buf[:n]
	if oobn > 0 {
		messages, err := unix.ParseSocketControlMessage(oob[:oobn])
		if err != nil {
			t.Fatal(err)
		}
		fds, err := unix.ParseUnixRights(&messages[0])
		if err != nil {
			t.Fatal(err)
		}
		seals, err := unix.FcntlInt(uintptr(fds[0]), unix.F_GET_SEALS, 0)
		if want := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_SEAL; err != nil || seals != want {
			t.Errorf("seals %#x, want %#x: %v", seals, want, err)
		}
		file := os.NewFile(uintptr(fds[0]), "entry")
		defer file.Close()
		info, _ := file.Stat()
		entry = make([]byte, info.Size())
		if _, err := file.ReadAt(entry, 0); err != nil {
			t.Fatal(err)
		}
	}
	fields := make(map[string]string)
	for len(entry) > 0 {
		i := bytes.IndexAny(entry, "=\n")
		if i < 0 {
			t.Fatalf("no field: %q", entry)
		}
		name, size := string(entry[:i]), 0
		if entry[i] == '=' {
			entry = entry[i+1:]
			size = bytes.IndexByte(entry, '\n')
		} else {
			size = int(binary.LittleEndian.Uint64(entry[i+1:]))
			entry = entry[i+1+8:]
		}
		if size < 0 || size >= len(entry) || entry[size] != '\n' {
			t.Fatalf("%s has no end: %q", name, entry)
		}
		fields[name] = string(entry[:size])
		entry = entry[size+1:]
	}
	return fields
}

func newJournal(t testing.TB, path string) (j *Journal, said *[]string) {
	said = new([]string)
	j, err := New(t.Context(), path, func(text string) { *said = append(*said, text) })
	if err != nil {
		t.Fatal(err)
	}
	return j, said
}

func TestFields(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	conn := listen(t, path)
	j, _ := newJournal(t, path)
	defer j.Close()
	full := record("two\nlines\x00\xff")
	full.Late, full.Damaged, full.Report, full.Form, full.Dict, full.From.Device = true, true, true, wire.Kept, []byte("A=b\nC=d\n"), "rack 7"
	c := &source.Crash{ID: 3, From: from, Last: at, Complete: true, Received: 5, Folder: "/d"}
	for _, test := range []struct {
		do   func()
		want map[string]string
	}{
		{func() { j.Record(record("hello")) }, map[string]string{"MESSAGE": "hello", "PRIORITY": "4", "SYSLOG_FACILITY": "1", "SYSLOG_IDENTIFIER": "10.0.2.15", "GASP_TYPE": "record",
			"GASP_HOST": "10.0.2.15", "GASP_ADDRESS": "10.0.2.15:6665", "GASP_FORMAT": "extended", "GASP_SEQ": "7", "GASP_DEVICE_TIME_USEC": "1500000", "GASP_RECEIVED_USEC": "1795435200123456"}},
		{func() { j.Record(full) }, map[string]string{"MESSAGE": "two\nlines\x00\xff", "GASP_LATE": "1", "GASP_DAMAGED": "1", "GASP_REPORT": "kept", "GASP_DICT": "A=b\nC=d\n",
			"SYSLOG_IDENTIFIER": "rack 7", "GASP_DEVICE": "rack 7", "GASP_HOST": "rack 7"}},
		{func() { j.Record(&source.Record{From: from, At: at}) }, map[string]string{"MESSAGE": "", "PRIORITY": "6", "GASP_FORMAT": "basic"}},
		{func() { j.Note(&source.Note{From: from, At: at, Kind: source.Missing, First: 1, Last: 2}) },
			map[string]string{"MESSAGE": "-- 2 records missing (seq 1-2)", "PRIORITY": "4", "GASP_TYPE": "missing"}},
		{func() { j.Note(&source.Note{At: at, Kind: source.Overflow, Count: 2}) }, map[string]string{"PRIORITY": "3", "GASP_TYPE": "overflow", "SYSLOG_IDENTIFIER": "gasp"}},
		{func() { j.CrashBegin(c) }, map[string]string{"MESSAGE": "-- crash report begins", "PRIORITY": "2", "GASP_TYPE": "report-begin", "GASP_REPORT_ID": "3", "GASP_REPORT": "crash"}},
		{func() { j.CrashEnd(c) }, map[string]string{"MESSAGE": "-- crash report complete: 5 records, /d", "GASP_TYPE": "report-end"}},
	} {
		test.do()
		got := read(t, conn)
		for name, want := range test.want {
			if value, ok := got[name]; !ok || value != want {
				t.Errorf("%s is %q, want %q; all are %q", name, value, want, got)
			}
		}
		if _, ok := got["GASP_SEQ"]; ok != (got["GASP_FORMAT"] == "extended") {
			t.Errorf("GASP_SEQ in %q", got)
		}
	}
}

func TestLargeEntryComesInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	conn := listen(t, path)
	j, _ := newJournal(t, path)
	defer j.Close()
	unix.SetsockoptInt(j.socket, unix.SOL_SOCKET, unix.SO_SNDBUF, 1) // the kernel's least
	text := strings.Repeat("large\n", 10_000)
	go j.Record(record(text))
	if got := read(t, conn)["MESSAGE"]; got != text {
		t.Errorf("%d bytes came, want %d", len(got), len(text))
	}
}

func TestJournalThatIsNotThereIsAwaited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	j, said := newJournal(t, path)
	j.retry.First = time.Millisecond
	q := queue.New(j, queue.Options{})
	q.Record(record("one"))
	conn := listen(t, path)
	if got := read(t, conn)["MESSAGE"]; got != "one" {
		t.Errorf("%q came first", got)
	}
	conn.Close()
	os.Remove(path)
	q.Record(record("two"))
	conn = listen(t, path)
	if got := read(t, conn)["MESSAGE"]; got != "two" {
		t.Errorf("%q came after its restart", got)
	}
	if !q.Close(patience) || j.Lost() != 0 {
		t.Errorf("%d lost", j.Lost())
	}
	for i, text := range *said {
		if want := []string{"it is tried again", "works again"}[i%2]; !strings.Contains(text, want) {
			t.Errorf("said %q", *said)
		}
	}
}

func TestJournalThatNeverComesHoldsNobodyUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	j, err := New(ctx, filepath.Join(t.TempDir(), "socket"), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	q := queue.New(j, queue.Options{Limit: 1 << 20})
	const count = 10_000
	for range count {
		q.Record(record("text"))
	}
	if q.Close(time.Millisecond) {
		t.Error("it says that all is handed on")
	}
	lost := q.Lost()
	cancel()
	if !q.Close(patience) {
		t.Error("not closed though it is to wait no more")
	}
	// What was left out was said in one more entry, or two if some had been when it first looked.
	if notes := j.Lost() + lost - count; notes < 1 || notes > 2 {
		t.Errorf("%d and %d lost, want %d and one or two", j.Lost(), lost, count)
	}
}

func TestJournalThatStallsHoldsNobodyUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	conn := listen(t, path)
	j, said := newJournal(t, path)
	q := queue.New(j, queue.Options{Limit: 1 << 20})
	sent := 0
	for q.Lost() < 1000 {
		q.Record(record(strings.Repeat("x", 1000)))
		sent++
	}
	got := 0
	for got < sent {
		entry := read(t, conn)
		n := 1
		if entry["GASP_TYPE"] == "overflow" {
			fmt.Sscanf(entry["MESSAGE"], "-- %d records", &n)
		}
		got += n
	}
	if !q.Close(patience) || got != sent || j.Lost() != 0 || len(*said) > 0 {
		t.Errorf("%d of %d accounted for, %d lost, said %q", got, sent, j.Lost(), *said)
	}
}

// sunk is a journal that is always there.
func sunk(t testing.TB) *Journal {
	path := filepath.Join(t.TempDir(), "socket")
	conn := listen(t, path)
	go func() {
		for buf := make([]byte, 1<<16); ; {
			if _, err := conn.Read(buf); err != nil {
				return
			}
		}
	}()
	j, _ := newJournal(t, path)
	return j
}

func TestRecordsAllocateNothing(t *testing.T) {
	j, r := sunk(t), record(strings.Repeat("x", 100))
	j.Record(r)
	if n := testing.AllocsPerRun(1000, func() { j.Record(r) }); n != 0 {
		t.Errorf("%v allocations a record", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	j, r := sunk(b), record(strings.Repeat("x", 100))
	b.ReportAllocs()
	for range b.N {
		j.Record(r)
	}
}
