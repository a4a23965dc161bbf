package hostlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"

	"gasp/internal/queue"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	from = source.Origin{Addr: netip.MustParseAddrPort("10.0.2.15:6665")}
)

func record(seq uint64, level uint8, text string) *source.Record {
	return &source.Record{Record: wire.Record{Seq: seq, Level: level, Text: []byte(text)}, From: from, At: at, Extended: true}
}

// newLogs returns logs in a folder of their own, and what they say.
func newLogs(t *testing.T, o Options) (s *Logs, said func() []string) {
	t.Helper()
	var mu sync.Mutex
	var lines []string
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.Say = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, strings.ReplaceAll(text, o.Dir, "DIR"))
	}
	return New(o), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(lines)
	}
}

// content is what a file of a host holds, or all its logs one after the other for an empty name.
func content(t *testing.T, dir, host, name string) (text string) {
	t.Helper()
	if name != "" {
		b, err := os.ReadFile(filepath.Join(dir, host, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	names, err := older(filepath.Join(dir, host))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if slices.Contains(names, name+compressed) {
			continue // killed between the two
		}
		b := content(t, dir, host, name)
		if strings.HasSuffix(name, compressed) {
			r, err := zstd.NewReader(strings.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			b = string(plain)
		}
		text += b
	}
	if b, err := os.ReadFile(filepath.Join(dir, host, current)); err == nil {
		text += string(b)
	}
	return text
}

func TestLines(t *testing.T) {
	s, said := newLogs(t, Options{})
	long := record(17, 4, "first\nsecond\x1b[31m\n\ttab\t# not=one")
	long.Dict, long.Late, long.Damaged = []byte("SUBSYSTEM=acpi\nX=\x07\t#\n"), true, true
	s.Record(record(16, 6, "hello"))
	s.Record(long)
	plain := record(0, 0, "plain")
	plain.Extended = false
	s.Record(plain)
	s.Note(&source.Note{From: from, At: at, Kind: source.Missing, First: 18, Last: 20})
	s.Note(&source.Note{From: from, At: at, Kind: source.Bad, Payload: []byte("\x00"), Size: 1, Err: errors.New("odd")})
	s.Note(&source.Note{From: from, At: at, Kind: source.Overflow, Count: 7})
	s.Note(&source.Note{At: at, Kind: source.Overflow, Count: 8})
	c := &source.Crash{From: from, Last: at, Complete: true, Received: 5, Folder: "/d/x\n"}
	s.CrashBegin(c)
	for c.Repeats = 1; c.Repeats < 8; c.Repeats++ {
		s.Repeated(c, at)
	}
	s.CrashEnd(c)
	c.FolderErr = errors.New("full")
	s.CrashEnd(c)
	c.Known = true
	s.CrashEnd(c)
	s.Close()
	const time = "2026-11-23T12:00:00.123456Z "
	want := time + "16 info hello\n" +
		time + `17 warn,late,damaged first\x0asecond\x1b[31m\x0a` + "\ttab" + `\x09# not=one` + "\t# SUBSYSTEM=acpi\t# X=" + `\x07\x09#` + "\n" +
		time + "- - plain\n" +
		time + "-- 3 records missing (seq 18-20)\n" +
		time + `-- bad datagram of 1 byte: odd: \x00` + "\n" +
		time + "-- 7 records not stored here, the sink was too slow\n" +
		time + "-- still there: headline repeated 1 time\n" +
		time + "-- still there: headline repeated 2 times\n" +
		time + "-- still there: headline repeated 4 times\n" +
		time + `-- crash report complete: 5 records, /d/x\x0a` + "\n" +
		time + "-- crash report complete: 5 records, not stored: full\n" +
		time + `-- crash  came again and is stored already: /d/x\x0a` + "\n"
	if got := content(t, s.options.Dir, "10.0.2.15", "log"); got != want {
		t.Errorf("log is\n%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(said()); got != "[logs in DIR: -- 8 records not stored here, the sink was too slow]" {
		t.Errorf("said %s", got)
	}
}

func TestLogIsAppendedToAndALineCutOffIsMarked(t *testing.T) {
	dir := t.TempDir()
	for _, seq := range []uint64{1, 2} {
		s, _ := newLogs(t, Options{Dir: dir})
		s.Record(record(seq, 6, "text"))
		s.Close()
		if seq == 1 {
			path := filepath.Join(dir, "10.0.2.15", "log")
			info, _ := os.Stat(path)
			os.Truncate(path, info.Size()-3)
		}
	}
	const time = "2026-11-23T12:00:00.123456Z "
	want := time + "1 info te\t#! cut off here: the receiver ended while it wrote this\n" + time + "2 info text\n"
	if got := content(t, dir, "10.0.2.15", "log"); got != want {
		t.Errorf("log is\n%s\nwant\n%s", got, want)
	}
}

func TestManyHostsAreWrittenWithFewFiles(t *testing.T) {
	s, said := newLogs(t, Options{})
	const maxOpen = 100
	s.maxOpen = maxOpen
	host := func(n int) string { return fmt.Sprintf("10.0.%d.%d", n>>8, n&255) }
	for round := range 2 {
		for n := range 2 * maxOpen {
			r := record(uint64(round), 6, fmt.Sprint("round ", round))
			r.From.Addr = netip.AddrPortFrom(netip.MustParseAddr(host(n)), uint16(round+1))
			s.Record(r)
		}
		s.Flush()
		open := 0
		for _, l := range s.paths {
			if l.file.IsOpen() {
				open++
			}
		}
		if open != maxOpen || len(s.open) != maxOpen || len(s.free) > maxFree {
			t.Fatalf("%d files are open, %d listed, want %d", open, len(s.open), maxOpen)
		}
	}
	s.Close()
	for n := range 2 * maxOpen {
		if got := content(t, s.options.Dir, host(n), "log"); strings.Count(got, "\n") != 2 {
			t.Fatalf("%s has the log\n%s", host(n), got)
		}
	}
	if len(said()) != 0 {
		t.Errorf("said %q", said())
	}
}

func TestForgedHostsDoNotFillTheDisk(t *testing.T) {
	s, said := newLogs(t, Options{})
	log := func(network byte, hosts int, settled bool) {
		for n := range hosts {
			r := record(1, 6, "x")
			r.From = source.Origin{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{network, 0, byte(n >> 8), byte(n)}), 1), Settled: settled}
			s.Record(r)
		}
	}
	log(10, maxUnsettled+10, false)
	if len(s.hosts) != maxUnsettled || s.refused != 10 || len(said()) != 1 || !strings.Contains(said()[0], "too many hosts") {
		t.Errorf("%d hosts, %d records refused, said %q", len(s.hosts), s.refused, said())
	}
	// Those that are settled still find room.
	log(11, maxHosts-maxUnsettled+10, true)
	if len(s.hosts) != maxHosts || s.refused != 20 {
		t.Errorf("%d hosts, %d records refused", len(s.hosts), s.refused)
	}
	clear(s.dirty) // thousands of files prove nothing more
	s.dirty = nil
	s.Close()
}

func TestMemoryOfManyHostsIsBounded(t *testing.T) {
	s, _ := newLogs(t, Options{})
	defer s.Close()
	text := strings.Repeat("\x00", 8000)
	for n := range 1000 {
		r := record(1, 6, text)
		r.From.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), 1)
		s.Record(r)
		if s.size > maxBuffered {
			t.Fatalf("%d bytes are buffered", s.size)
		}
	}
}

func TestDeviceAndAddressOfOneNameShareALog(t *testing.T) {
	s, _ := newLogs(t, Options{})
	s.Record(record(1, 6, "one"))
	device := record(2, 6, "two")
	device.From.Device = "10.0.2.15"
	s.Record(device)
	s.Record(record(3, 6, "three"))
	s.Close()
	got := content(t, s.options.Dir, "10.0.2.15", "log")
	if len(s.paths) != 1 || strings.Count(got, "\n") != 3 || strings.Index(got, "two") > strings.Index(got, "three") {
		t.Errorf("%d logs:\n%s", len(s.paths), got)
	}
}

// A log that is a pipe which nobody reads.
func TestLogThatBlocksForEverHoldsNobodyUp(t *testing.T) {
	s, said := newLogs(t, Options{})
	host := filepath.Join(s.options.Dir, "10.0.2.15")
	if err := os.Mkdir(host, 0o750); err != nil {
		t.Fatal(err)
	}
	fifo := filepath.Join(host, "log")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.OpenFile(fifo, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	q := queue.New(s, queue.Options{Limit: 1 << 20})
	sent := 0
	for q.Lost() < 1000 {
		q.Record(record(uint64(sent), 6, strings.Repeat("x", 1000)))
		sent++
	}
	// It is read after all: every record is there, or said not to be.
	in.SetReadDeadline(time.Now().Add(time.Minute))
	lines := bufio.NewScanner(in)
	next := 0
	for next < sent && lines.Scan() {
		n := 0
		if _, text, ok := strings.Cut(lines.Text(), " -- "); ok {
			if fmt.Sscanf(text, "%d records not stored here", &n); n == 0 {
				t.Fatalf("%q came", lines.Text())
			}
			next += n
			continue
		}
		if !strings.Contains(lines.Text(), fmt.Sprintf("Z %d info ", next)) {
			t.Fatalf("where record %d should be is %.60q", next, lines.Text())
		}
		next++
	}
	if next != sent || len(said()) > 0 {
		t.Errorf("%d of %d records accounted for: %v; said %q", next, sent, lines.Err(), said())
	}
	q.Close(time.Minute)
}

func TestReopenBeginsMovedFilesAnew(t *testing.T) {
	s, _ := newLogs(t, Options{})
	s.Record(record(1, 6, "one"))
	s.Flush()
	log := filepath.Join(s.options.Dir, "10.0.2.15", "log")
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	s.Record(record(2, 6, "two"))
	s.Reopen()
	s.Record(record(3, 6, "three"))
	s.Close()
	if old, now := content(t, s.options.Dir, "10.0.2.15", "log.1"), content(t, s.options.Dir, "10.0.2.15", "log"); !strings.HasSuffix(old, "2 info two\n") ||
		!strings.HasSuffix(now, "3 info three\n") || strings.Count(now, "\n") != 1 {
		t.Errorf("moved away is\n%s\nanew\n%s", old, now)
	}
}

func TestRecordsAllocateNothing(t *testing.T) {
	s, _ := newLogs(t, Options{})
	defer s.Close()
	r := record(1, 6, strings.Repeat("x", 100))
	round := func() {
		for range 100 {
			r.Seq++
			r.At = r.At.Add(time.Microsecond)
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
	s := New(Options{Dir: b.TempDir(), RotateSize: 64 << 20, Keep: 1, Say: func(string) {}})
	r := record(1, 6, strings.Repeat("x", 100))
	b.ReportAllocs()
	for i := range b.N {
		r.Seq++
		r.At = r.At.Add(3 * time.Microsecond)
		s.Record(r)
		if i%700 == 0 {
			s.Flush()
		}
	}
	b.StopTimer()
	s.Close()
}

// BenchmarkThroughTheQueue is what a record costs from the table to the disk, with all goroutines: of a
// few hosts, and of as many as a flood of forged ones can make.
func BenchmarkThroughTheQueue(b *testing.B) {
	for _, hosts := range []int{16, maxHosts} {
		b.Run(fmt.Sprint(hosts, " hosts"), func(b *testing.B) { throughTheQueue(b, hosts) })
	}
}

func throughTheQueue(b *testing.B, hosts int) {
	q := queue.New(New(Options{Dir: b.TempDir(), Say: func(string) {}}), queue.Options{})
	const batch = 20_000
	r := record(1, 6, strings.Repeat("x", 100))
	b.ReportAllocs()
	before := cpu(b)
	b.ResetTimer()
	for i := range b.N {
		r.Seq++
		r.At = r.At.Add(3 * time.Microsecond)
		n := i % hosts
		r.From.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), 6665)
		q.Record(r)
		if i%batch == batch-1 {
			q.Flush(time.Minute)
		}
	}
	q.Close(time.Minute)
	b.StopTimer()
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
	if q.Lost() > 0 {
		b.Errorf("%d lost", q.Lost())
	}
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
