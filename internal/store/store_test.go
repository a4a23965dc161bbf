package store

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

var (
	at   = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)
	from = source.Origin{Addr: netip.MustParseAddrPort("10.0.2.15:6665")}
	boot = [16]byte([]byte("0123456789abcdef"))
)

func record(seq uint64, level uint8, text string) *source.Record {
	return &source.Record{Record: wire.Record{Seq: seq, Level: level, Text: []byte(text)}, From: from, At: at, Extended: true}
}

func newStore(t *testing.T) (s *Store, said *[]string) {
	t.Helper()
	said = new([]string)
	s, err := New(t.TempDir(), func(text string) { *said = append(*said, strings.ReplaceAll(text, s.Dir(), "DIR")) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, said
}

func content(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestUnwritableFolder(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "file")
	os.WriteFile(plain, nil, 0o600)
	if _, err := New(filepath.Join(plain, "dir"), func(string) {}); err == nil || !strings.Contains(err.Error(), "cannot store in") {
		t.Errorf("storing below a plain file: %v", err)
	}
}

// fullDisk fails while full is set, after taking half of what it is given.
type fullDisk struct {
	io.WriteCloser
	full *bool
}

func (d fullDisk) Write(p []byte) (int, error) {
	if *d.full {
		n, _ := d.WriteCloser.Write(p[:len(p)/2])
		return n, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	return d.WriteCloser.Write(p)
}

// crash runs datagrams through a table into the store and returns the closed report.
type crash struct {
	*Store
	closed []*source.Crash
}

func (c *crash) CrashEnd(r *source.Crash) {
	c.Store.CrashEnd(r)
	c.closed = append(c.closed, r)
}

func (c *crash) feed(records ...wire.Record) {
	table := source.NewTable(c, source.Options{})
	for i := range records {
		r := &records[i]
		r.Time = 1_000_000 + 1000*r.Seq
		d := wire.AppendExtended(nil, r)
		table.Datagram(&source.Datagram{At: at, From: from.Addr, Data: d, Size: len(d)})
	}
	table.Tick(at.Add(source.ReorderWindow))
	table.Flush(at.Add(time.Minute))
}

func reportRecords() []wire.Record {
	h := wire.Headline{Boot: boot, Cause: []byte("panic: \x1b[2Joh"), HasPC: true, PC: 0x1234, Build: "abcd", Uptime: 2_500_000, Last: 9, HasLast: true, Unsent: 1,
		Registers: []wire.Register{{Name: "rax", Value: 255}}}
	e := wire.End{Boot: boot, Records: 6}
	return []wire.Record{
		{Level: 6, Seq: 8, Text: []byte("sent before")},
		{Seq: 10, Text: wire.AppendHeadline(nil, &h, wire.HeadlineMax)},
		{Level: 4, Seq: 9, Text: []byte("not sent before")},
		{Seq: 11, Text: []byte("gasp| goroutine 1 [running]:")},
		{Seq: 12, Text: []byte("gasp| main.f(")},
		{Seq: 13, Cont: true, Text: []byte("gasp| ...)")},
		{Seq: 14, Text: []byte("gasp| exit")},
		{Seq: 15, Text: wire.AppendEnd(nil, &e)},
	}
}

func TestCrashFolder(t *testing.T) {
	s, said := newStore(t)
	c := &crash{Store: s}
	c.feed(reportRecords()...)
	if len(c.closed) != 1 || len(*said) != 0 {
		t.Fatalf("%d reports, said %q", len(c.closed), *said)
	}
	folder := filepath.Join(s.Dir(), "10.0.2.15", "crash-20261123T120000Z-01234567")
	if c.closed[0].Folder != folder || c.closed[0].FolderErr != nil {
		t.Errorf("folder is %s (%v), want %s", c.closed[0].Folder, c.closed[0].FolderErr, folder)
	}
	const time = "2026-11-23T12:00:00.123456Z "
	want := "crash report of 10.0.2.15, received 2026-11-23T12:00:00.123456Z\n\n" +
		"gasp: crash 0123456789abcdef: panic: \\x1b[2Joh\ngasp: at pc=0x1234 build=abcd uptime=2.500000 last=9 unsent=1\nrax=0x00000000000000ff\n" +
		"\n-- before the crash\n" + time + "8 info sent before\n" + time + "9 warn not sent before\n" +
		"\n-- the report\ngoroutine 1 [running]:\nmain.f(...)\nexit\n" +
		"gasp: end of crash 0123456789abcdef: 6 records, 0 lost\n\n-- complete: 6 records\n"
	if got := content(t, folder, "report.txt"); got != want {
		t.Errorf("report.txt is\n%s\nwant\n%s", got, want)
	}
	var m meta
	if err := json.Unmarshal([]byte(content(t, folder, "meta.json")), &m); err != nil {
		t.Fatal(err)
	}
	if !m.Complete || m.State != "complete" || *m.Records.Expected != 6 || m.Records.Received != 6 || m.Boot != string(boot[:]) || m.Build != "abcd" ||
		m.Cause != "panic: \x1b[2Joh" || m.Uptime != 2.5 || m.Registers["rax"] != "0x00000000000000ff" || m.PC != "0x1234" {
		t.Errorf("meta.json is\n%s", content(t, folder, "meta.json"))
	}
	if files, _ := filepath.Glob(folder + "/*"); len(files) != 2 {
		t.Errorf("the folder holds %v", files)
	}
}

func TestIncompleteCrashFolder(t *testing.T) {
	s, _ := newStore(t)
	c := &crash{Store: s}
	r := reportRecords()
	c.feed(append(r[:4:4], r[6:]...)...)
	folder := c.closed[0].Folder
	text := content(t, folder, "report.txt")
	if !strings.Contains(text, "goroutine 1 [running]:\n-- 2 records missing (seq 12-13)\nexit\n") || !strings.HasSuffix(text, "-- INCOMPLETE: 2 of 6 records missing (seq 12-13)\n") {
		t.Errorf("report.txt is\n%s", text)
	}
	var m meta
	json.Unmarshal([]byte(content(t, folder, "meta.json")), &m)
	if m.Complete || m.State != "incomplete" || m.Records.Missing != 2 || fmt.Sprint(m.Records.Numbers) != "[12-13]" {
		t.Errorf("meta.json is\n%s", content(t, folder, "meta.json"))
	}
	// A second one in the same second gets a folder of its own.
	c.feed(reportRecords()...)
	if got := c.closed[1].Folder; got != folder+"-2" {
		t.Errorf("the second folder is %s", got)
	}
}

func TestReportOnAFullDiskIsNotCalledStored(t *testing.T) {
	s, said := newStore(t)
	full := true
	s.open = func(path string) (io.WriteCloser, error) {
		f, err := openAppend(path)
		return fullDisk{f, &full}, err
	}
	c := &crash{Store: s}
	c.feed(reportRecords()...)
	if c.closed[0].FolderErr == nil || len(*said) == 0 {
		t.Errorf("folder %s, error %v, said %q", c.closed[0].Folder, c.closed[0].FolderErr, *said)
	}
}

func TestCrashFoldersOfAHostAreBounded(t *testing.T) {
	s, _ := newStore(t)
	for n := range maxCrashes {
		if err := os.MkdirAll(filepath.Join(s.Dir(), "10.0.2.15", fmt.Sprint("crash-", n)), folderMode); err != nil {
			t.Fatal(err)
		}
	}
	c := &crash{Store: s}
	c.feed(reportRecords()...)
	if c.closed[0].FolderErr == nil || c.closed[0].Folder != "" {
		t.Errorf("stored in %s beyond the bound", c.closed[0].Folder)
	}
}
