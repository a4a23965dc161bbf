package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gasp/internal/capture"
	"gasp/internal/queue"
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
	s, err := New(t.TempDir(), 0, func(text string) { *said = append(*said, strings.ReplaceAll(text, s.Dir(), "DIR")) })
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
	if _, err := New(filepath.Join(plain, "dir"), 0, func(string) {}); err == nil || !strings.Contains(err.Error(), "cannot store in") {
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

// crash runs datagrams through a table into the store, and has the closed reports.
type crash struct {
	*Store
	table  *source.Table
	closed closings
	drop   int // which record of the report does not come
}

func newCrash(s *Store) *crash {
	c := &crash{Store: s}
	c.table = source.NewTable(source.Sinks{s.Index(), dropping{behind{s}, c}, &c.closed}, source.Options{})
	return c
}

// dropping leaves a record out.
type dropping struct {
	behind
	from *crash
}

func (d dropping) CrashRecord(c *source.Crash, r *source.Record) {
	if d.from.drop--; d.from.drop != 0 {
		d.behind.CrashRecord(c, r)
	}
}

func (c *crash) feed(records ...wire.Record) {
	c.feedOnly(records...)
	c.table.Tick(at.Add(source.ReorderWindow))
	c.table.Flush(at.Add(time.Minute))
}

// feedOnly leaves it open.
func (c *crash) feedOnly(records ...wire.Record) {
	for i := range records {
		r := &records[i]
		r.Time = 1_000_000 + 1000*r.Seq
		d := wire.AppendExtended(nil, r)
		c.table.Datagram(&source.Datagram{At: at, From: from.Addr, Data: d, Size: len(d)})
	}
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
	c := newCrash(s)
	c.feed(reportRecords()...)
	if len(c.closed.list) != 1 || len(*said) != 0 {
		t.Fatalf("%d reports, said %q", len(c.closed.list), *said)
	}
	folder := filepath.Join(s.Dir(), "10.0.2.15", "crash-20261123T120000Z-01234567")
	if c.closed.list[0].Folder != folder || c.closed.list[0].FolderErr != nil {
		t.Errorf("folder is %s (%v), want %s", c.closed.list[0].Folder, c.closed.list[0].FolderErr, folder)
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
	var m Summary
	if err := json.Unmarshal([]byte(content(t, folder, "report.json")), &m); err != nil {
		t.Fatal(err)
	}
	if !m.Complete || m.State != "complete" || *m.Records.Expected != 6 || m.Records.Received != 6 || m.Boot != string(boot[:]) || m.Build != "abcd" ||
		m.Cause != "panic: \x1b[2Joh" || m.Uptime != 2.5 || m.Registers["rax"] != "0x00000000000000ff" || m.PC != "0x1234" {
		t.Errorf("report.json is\n%s", content(t, folder, "report.json"))
	}
	if files, _ := filepath.Glob(folder + "/*"); len(files) != 3 {
		t.Errorf("the folder holds %v", files)
	}
	if len(m.ID) != 12 || len(m.Group.ID) != 8 || m.Group.Class != "panic: \x1b[N" || fmt.Sprint(m.Group.Functions) != "[main.f]" || len(m.Report.Stacks) != 1 || m.Report.Stacks[0].Goroutine != 1 {
		t.Errorf("the report is %+v of %+v", m.Report, m.Group)
	}
}

func TestIncompleteCrashFolder(t *testing.T) {
	s, _ := newStore(t)
	c := newCrash(s)
	r := reportRecords()
	c.feed(append(r[:4:4], r[6:]...)...)
	folder := c.closed.list[0].Folder
	text := content(t, folder, "report.txt")
	if !strings.Contains(text, "goroutine 1 [running]:\n-- 2 records missing (seq 12-13)\nexit\n") || !strings.HasSuffix(text, "-- INCOMPLETE: 2 of 6 records missing (seq 12-13)\n") {
		t.Errorf("report.txt is\n%s", text)
	}
	var m Summary
	json.Unmarshal([]byte(content(t, folder, "report.json")), &m)
	if m.Complete || m.State != "incomplete" || m.Records.Missing != 2 || fmt.Sprint(m.Records.Numbers) != "[12-13]" {
		t.Errorf("report.json is\n%s", content(t, folder, "report.json"))
	}
	// A second one in the same second gets a folder of its own, before it turns out to be the same.
	again, err := New(s.Dir(), 0, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	c = newCrash(again)
	c.feed(reportRecords()...)
	if got := c.closed.list[0].Folder; got != folder+"-2" || c.closed.list[0].Replaced != folder {
		t.Errorf("the second folder is %s", got)
	}
}

func TestFullDiskIsSaid(t *testing.T) {
	s, said := newStore(t)
	full := true
	s.open = func(path string) (io.WriteCloser, error) {
		f, err := openAppend(path)
		return fullDisk{f, &full}, err
	}
	c := newCrash(s)
	c.feed(reportRecords()...)
	folder := c.closed.list[0].Folder
	const want = "DIR/10.0.2.15/crash-20261123T120000Z-01234567 is not stored: no space left on device"
	if fmt.Sprint(*said) != fmt.Sprint([]string{want, want}) {
		t.Errorf("said %q, want %q as it begins and as it ends", *said, want)
	}
	if entries, err := os.ReadDir(filepath.Dir(folder)); err != nil || len(entries) > 0 {
		t.Errorf("something is left: %v, %v", entries, err)
	}
	// It is known that it is not stored.
	full = false
	c = newCrash(s)
	c.feed(reportRecords()[1:]...)
	if m, err := ReadSummary(c.closed.list[0].Folder); err != nil || !m.Complete {
		t.Errorf("it is not stored when it comes again: %v", err)
	}
}

// A disk that becomes full leaves no half files.
func TestDiskThatBecomesFull(t *testing.T) {
	s, said := newStore(t)
	full := false
	s.open = func(path string) (io.WriteCloser, error) {
		f, err := openAppend(path)
		return fullDisk{f, &full}, err
	}
	c := newCrash(s)
	r := reportRecords()
	c.feedOnly(r[:5]...)
	s.Flush()
	full = true
	c.feed(r[5:]...)
	folder := c.closed.list[0].Folder
	all := strings.Join(*said, "\n")
	for _, name := range []string{"report.txt", "report.json", "datagrams.pcapng"} {
		if !strings.Contains(all, "DIR/10.0.2.15/"+filepath.Base(folder)+"/"+name+" is not ") {
			t.Errorf("said nothing of %s:\n%s", name, all)
		}
	}
	if m, err := ReadSummary(folder); err != nil || m.State != Receiving || m.Complete {
		t.Errorf("report.json says %+v, %v", m, err)
	}
	if got := len(datagrams(t, folder)); got != 4 {
		t.Errorf("%d datagrams are stored, want those before it was full", got)
	}
	if text := content(t, folder, "report.txt"); !strings.HasSuffix(text, "\ngoroutine 1 [running]:\nmain.f(") {
		t.Errorf("report.txt is\n%s", text)
	}
	if names, _ := filepath.Glob(folder + "/*.new"); len(names) > 0 {
		t.Errorf("left are %q", names)
	}
}

// A disk that is full for a while takes from the report what came meanwhile, but for what is remembered.
func TestDiskThatWasFull(t *testing.T) {
	s, _ := newStore(t)
	full := false
	s.open = func(path string) (io.WriteCloser, error) {
		f, err := openAppend(path)
		return fullDisk{f, &full}, err
	}
	c := newCrash(s)
	r := reportRecords()
	c.feedOnly(r[:2]...)
	s.Flush()
	full = true
	c.feedOnly(r[2:4]...)
	s.Flush()
	full = false
	c.feed(r[4:]...)
	folder := c.closed.list[0].Folder
	m, err := ReadSummary(folder)
	if err != nil {
		t.Fatal(err)
	}
	if text := content(t, folder, "report.txt"); !strings.HasPrefix(text, "crash report of ") || !strings.Contains(text, "goroutine 1 [running]:\nmain.f(...)\n") || !strings.HasSuffix(text, "-- complete: 6 records\n") {
		t.Errorf("report.txt is\n%s", text)
	}
	if !m.Complete || m.Records.Unwritten != 0 || m.Datagrams.Unwritten != 2 || m.Datagrams.Stored != 5 {
		t.Errorf("%+v, datagrams %+v", m.Records, m.Datagrams)
	}
	if got := len(datagrams(t, folder)); uint64(got) != m.Datagrams.Stored {
		t.Errorf("%d datagrams are stored, want %d", got, m.Datagrams.Stored)
	}
}

func datagrams(t *testing.T, folder string) (list []string) {
	t.Helper()
	in, err := os.Open(filepath.Join(folder, "datagrams.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := capture.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	for {
		d, err := r.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if d.From != from.Addr || !d.At.Equal(at) {
			t.Errorf("a datagram is of %v at %v", d.From, d.At)
		}
		list = append(list, string(d.Data))
	}
}

func TestDatagramsAreStoredAsTheyCame(t *testing.T) {
	s, _ := newStore(t)
	c := newCrash(s)
	r := reportRecords()
	c.feed(r...)
	var want []string
	for i := range r[1:] { // the one before the headline was not of the report
		want = append(want, string(wire.AppendExtended(nil, &r[i+1])))
	}
	got := datagrams(t, c.closed.list[0].Folder)
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("stored are\n%q, want\n%q", got, want)
	}
	if m, err := ReadSummary(c.closed.list[0].Folder); err != nil || m.Datagrams.Stored != uint64(len(want)) || m.Datagrams.Unwritten != 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestDatagramsAreBounded(t *testing.T) {
	s, _ := newStore(t)
	c := &source.Crash{ID: 1, From: from, Began: at, Last: at}
	s.Index().CrashBegin(c)
	s.CrashBegin(c)
	data := make([]byte, wire.MaxAccepted)
	const count = maxPackets/wire.MaxAccepted + 100
	for range count {
		s.CrashDatagram(c, &source.Datagram{At: at, From: from.Addr, Data: data, Size: len(data)})
		s.Flush()
	}
	s.Index().CrashEnd(c)
	s.CrashEnd(c)
	m, err := ReadSummary(c.Folder)
	info, _ := os.Stat(filepath.Join(c.Folder, "datagrams.pcapng"))
	if err != nil || info.Size() > maxPackets || m.Datagrams.Stored+m.Datagrams.Unwritten != count || m.Datagrams.Unwritten < 100 || len(datagrams(t, c.Folder)) != int(m.Datagrams.Stored) {
		t.Errorf("%d bytes, %+v, %v", info.Size(), m.Datagrams, err)
	}
}

func TestCrashFoldersOfAHostAreBounded(t *testing.T) {
	s, _ := newStore(t)
	for n := range maxCrashes {
		if err := os.MkdirAll(filepath.Join(s.Dir(), "10.0.2.15", fmt.Sprint("crash-", n)), folderMode); err != nil {
			t.Fatal(err)
		}
	}
	again, err := New(s.Dir(), 0, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	c := newCrash(again)
	c.feed(reportRecords()...)
	if c.closed.list[0].FolderErr == nil || c.closed.list[0].Folder != "" {
		t.Errorf("stored in %s beyond the bound", c.closed.list[0].Folder)
	}
	// One is removed, and the receiver told to look.
	if err := os.Remove(filepath.Join(s.Dir(), "10.0.2.15", "crash-7")); err != nil {
		t.Fatal(err)
	}
	again.Reopen()
	c = newCrash(again)
	c.feed(reportRecords()...)
	if c.closed.list[0].FolderErr != nil || c.closed.list[0].Folder == "" {
		t.Errorf("not stored where there is room: %v", c.closed.list[0].FolderErr)
	}
}

func TestForgedHostsAreBounded(t *testing.T) {
	s, _ := newStore(t)
	begin := func(settled bool) error {
		c := &source.Crash{ID: 1, From: from, Began: at}
		c.From.Settled = settled
		s.index.CrashBegin(c)
		delete(s.index.hosts, from.FileName())
		return c.FolderErr
	}
	for n := range maxUnsettled {
		s.index.hosts[fmt.Sprint(n)] = new(hostReports)
	}
	if err := begin(false); !errors.Is(err, errHosts) {
		t.Errorf("one that is not settled: %v", err)
	}
	if err := begin(true); err != nil {
		t.Errorf("one that is settled: %v", err)
	}
	for n := range maxHosts {
		s.index.hosts[fmt.Sprint(n)] = new(hostReports)
	}
	if err := begin(true); !errors.Is(err, errHosts) {
		t.Errorf("one too many: %v", err)
	}
}

// A receiver that is killed leaves no report that claims to be whole.
func TestReportThatIsCutOffByAKill(t *testing.T) {
	s, _ := newStore(t)
	c := newCrash(s)
	r := reportRecords()
	c.feedOnly(r[:5]...)
	s.Flush() // and never again
	folder := filepath.Join(s.Dir(), "10.0.2.15", "crash-20261123T120000Z-01234567")
	if m, err := ReadSummary(folder); err != nil || m.State != Receiving || m.Complete {
		t.Fatalf("while it comes in: %+v, %v", m, err)
	}
	var said []string
	again, err := New(s.Dir(), 0, func(text string) { said = append(said, text) })
	if err != nil {
		t.Fatal(err)
	}
	m, err := ReadSummary(folder)
	if err != nil || m.State != Interrupted || m.Complete || m.Verdict != interruptedVerdict || m.Report == nil || len(m.Report.Stacks) != 1 {
		t.Errorf("after it: %+v, %v", m, err)
	}
	if fmt.Sprint(said) != "[1 report is not whole, the receiver was ended while it came in]" {
		t.Errorf("said %q", said)
	}
	// The machine sends it again: the whole one takes its place.
	d := newCrash(again)
	d.feed(r...)
	if got := d.closed.list[0]; got.Replaced != folder || got.Folder == folder {
		t.Errorf("it replaced %q, and is in %s", got.Replaced, got.Folder)
	}
}

// What was decided in memory may not be on the disk.
func TestFolderThatWasRemoved(t *testing.T) {
	s, said := newStore(t)
	c := newCrash(s)
	c.feed(reportRecords()...)
	os.RemoveAll(c.closed.list[0].Folder)
	for _, want := range []bool{true, false} {
		k := &source.Crash{ID: 77, From: from, Form: wire.Kept, Began: at, Last: at, HasHeadline: true, Headline: wire.Headline{Form: wire.Kept, Boot: boot, Uptime: 1}}
		s.Index().CrashBegin(k)
		if s.CrashBegin(k); k.Known != want {
			t.Errorf("known is %v, want %v", k.Known, want)
		}
		s.Index().CrashEnd(k)
		s.CrashEnd(k)
	}
	if len(*said) != 1 || !strings.Contains((*said)[0], "was removed; the crash is stored when it comes again") {
		t.Errorf("said %q", *said)
	}
}

// The queue leaves out what is too much: also the ends of reports.
func TestReportsWithoutAnEndAreBounded(t *testing.T) {
	s, _ := newStore(t)
	for id := range uint64(maxFolders) {
		s.folders[id+2] = &folder{open: true, ended: true, summary: new(Summary)}
	}
	first := &source.Crash{ID: 1, From: from, Began: at, Last: at}
	second := &source.Crash{ID: maxFolders + 2, From: from, Began: at.Add(time.Hour), Last: at}
	for _, c := range []*source.Crash{first, second} {
		s.Index().CrashBegin(c)
		s.CrashBegin(c)
	}
	if len(s.folders) > maxFolders {
		t.Errorf("%d reports are known", len(s.folders))
	}
	if m, err := ReadSummary(first.Folder); err != nil || m.State != Interrupted {
		t.Errorf("the oldest one: %+v, %v", m, err)
	}
	if m, err := ReadSummary(second.Folder); err != nil || m.State != Receiving {
		t.Errorf("the newest one: %+v, %v", m, err)
	}
}

// A report of which the queue left records out does not claim to be whole.
func TestReportThatLacksRecords(t *testing.T) {
	s, _ := newStore(t)
	c := newCrash(s)
	c.drop = 3
	c.feed(reportRecords()...)
	m, err := ReadSummary(c.closed.list[0].Folder)
	if err != nil || m.Complete || m.State != Incomplete || m.Records.Unwritten != 1 || !strings.Contains(m.Verdict, "1 record not written here") {
		t.Errorf("%+v, %v", m, err)
	}
	if w := s.index.rival(c.closed.list[0], nil).worth; w.class != partly || w.received != 5 {
		t.Errorf("it is worth %+v", w)
	}
}

func TestSlowDiskHoldsTheTableUpNever(t *testing.T) {
	s, _ := newStore(t)
	block := make(chan struct{})
	s.open = func(path string) (io.WriteCloser, error) {
		<-block
		return openAppend(path)
	}
	q := queue.New(s, queue.Options{Name: "reports", Reports: true})
	var closed closings
	table := source.NewTable(source.Sinks{s.Index(), q, &closed}, source.Options{})
	for _, r := range reportRecords() {
		r.Time = 1_000_000 + 1000*r.Seq
		d := wire.AppendExtended(nil, &r)
		table.Datagram(&source.Datagram{At: at, From: from.Addr, Data: d, Size: len(d)})
	}
	table.Tick(at.Add(source.ReorderWindow))
	// All of it was taken, and the folder is known, while nothing could be written.
	if len(closed.list) != 1 || closed.list[0].Folder == "" || q.Lost() != 0 {
		t.Fatalf("%d reports closed", len(closed.list))
	}
	close(block)
	if !q.Close(20 * time.Second) {
		t.Fatal("not written")
	}
	if m, err := ReadSummary(closed.list[0].Folder); err != nil || !m.Complete || m.Datagrams.Stored != 7 {
		t.Errorf("%+v, %v", m, err)
	}
}
