package store

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// told is the datagrams of a report of any form, in either format; the first number is first.
func told(form wire.Form, extended bool, first uint64, cause string, lines int) (d []string) {
	encode := func(text []byte) {
		r := wire.Record{Seq: first, Time: 1_000_000 + first*1000, Text: text}
		if form == wire.Report {
			r.Level = 1
		}
		if extended {
			d = append(d, string(wire.AppendExtended(nil, &r)))
		} else {
			d = append(d, string(wire.AppendBasic(nil, &r)))
		}
		first++
	}
	encode(wire.AppendHeadline(nil, &wire.Headline{Form: form, Boot: boot, Cause: []byte(cause), HasPC: true, PC: 5, Uptime: 77}, wire.HeadlineMax))
	for i := range lines {
		encode(fmt.Append(nil, wire.ReportPrefix, "line ", i))
	}
	encode(wire.AppendEnd(nil, &wire.End{Form: form, Boot: boot, Records: uint64(lines) + 2}))
	return d
}

// session is a receiver between two of its starts.
type session struct {
	*Store
	table  *source.Table
	now    time.Time
	closed closings
}

// closings is a sink that remembers how reports ended.
type closings struct {
	source.Sinks
	list []*source.Crash
}

func (c *closings) CrashEnd(r *source.Crash) { c.list = append(c.list, r) }

// behind hands a store what a queue does: snapshots.
type behind struct{ *Store }

func (b behind) CrashBegin(c *source.Crash) { s := c.Snapshot(); b.Store.CrashBegin(&s) }
func (b behind) CrashEnd(c *source.Crash)   { s := c.Snapshot(); b.Store.CrashEnd(&s) }
func (b behind) CrashRecord(c *source.Crash, r *source.Record) {
	s := c.Snapshot()
	b.Store.CrashRecord(&s, r)
}
func (b behind) CrashDatagram(c *source.Crash, d *source.Datagram) {
	s := c.Snapshot()
	b.Store.CrashDatagram(&s, d)
}
func (b behind) Repeated(c *source.Crash, at time.Time) {
	s := c.Snapshot()
	b.Store.Repeated(&s, at)
}

func restart(t *testing.T, dir string, after time.Duration) *session {
	t.Helper()
	store, err := New(dir, 0, func(text string) { t.Log(text) })
	if err != nil {
		t.Fatal(err)
	}
	s := &session{Store: store, now: at.Add(after)}
	s.table = source.NewTable(source.Sinks{store.Index(), behind{store}, &s.closed}, source.Options{})
	return s
}

func (s *session) hear(datagrams ...string) {
	for _, d := range datagrams {
		s.now = s.now.Add(time.Millisecond)
		s.table.Datagram(&source.Datagram{At: s.now, From: from.Addr, Data: []byte(d), Size: len(d)})
	}
}

func (s *session) wait(d time.Duration) {
	for end := s.now.Add(d); s.now.Before(end); s.now = s.now.Add(50 * time.Millisecond) {
		s.table.Tick(s.now)
	}
}

func (s *session) end() {
	s.table.Flush(s.now)
	s.Close()
}

func folders(t *testing.T, dir, pattern string) (names []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "10.0.2.15", pattern))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	return names
}

func only(t *testing.T, name, dir, pattern string) (folder string, m *Summary) {
	t.Helper()
	names := folders(t, dir, pattern)
	if len(names) != 1 {
		t.Fatalf("%s: the folders called %s are %q, want one", name, pattern, names)
	}
	folder = filepath.Join(dir, "10.0.2.15", names[0])
	m, err := ReadSummary(folder)
	if err != nil {
		t.Fatal(err)
	}
	return folder, m
}

var formats = map[string]bool{"extended": true, "basic": false}

func TestResentReportIsPutIntoItsOrder(t *testing.T) {
	for format, extended := range formats {
		dir := t.TempDir()
		s := restart(t, dir, 0)
		d := told(wire.Crash, extended, 10, "panic: oh", 6)
		s.hear(slices.Delete(slices.Clone(d), 2, 5)...)
		s.wait(15 * time.Second)
		if _, m := only(t, format, dir, "crash-*"); m.State != "incomplete" || m.Records.Missing != 3 {
			t.Errorf("%s: before it comes again: %+v", format, m)
		}
		s.hear(d...)
		s.wait(15 * time.Second)
		s.hear(d[0])
		s.end()
		folder, m := only(t, format, dir, "crash-*")
		if !m.Complete || m.Records.Received != 8 || m.Repeats != 2 {
			t.Errorf("%s: %+v", format, m)
		}
		want := "-- the report\nline 0\nline 1\nline 2\nline 3\nline 4\nline 5\ngasp: end of crash 0123456789abcdef: 8 records, 0 lost\n\n-- complete: 8 records\n"
		if got := content(t, folder, "report.txt"); !strings.HasSuffix(got, want) || strings.Count(got, "line 0") != 1 || strings.Contains(got, "INCOMPLETE") {
			t.Errorf("%s: report.txt is\n%s\nwant at its end\n%s", format, got, want)
		}
	}
}

func TestLateHeadlineIsPutFirst(t *testing.T) {
	dir := t.TempDir()
	s := restart(t, dir, 0)
	d := told(wire.Crash, true, 10, "panic: oh", 2)
	s.hear(d[1:]...)
	s.wait(15 * time.Second)
	s.hear(d[0])
	s.end()
	folder, m := only(t, "headline last", dir, "crash-*")
	want := "gasp: crash 0123456789abcdef: panic: oh\ngasp: at pc=0x5 uptime=0.000077 last=- unsent=0\n\n-- before the crash\n\n-- the report\nline 0\nline 1\n"
	if got := content(t, folder, "report.txt"); !m.Complete || !strings.Contains(got, want) {
		t.Errorf("complete %v; report.txt is\n%s", m.Complete, got)
	}
}

func TestReportTooLargeToRememberIsAppendedTo(t *testing.T) {
	dir := t.TempDir()
	s := restart(t, dir, 0)
	const lines = maxRemembered/(lineOverhead+len("line 0")) + 10
	d := told(wire.Crash, true, 10, "panic: oh", lines)
	s.hear(slices.Delete(slices.Clone(d), 5, 6)...)
	s.wait(15 * time.Second)
	s.hear(d[0], d[5])
	s.end()
	folder, m := only(t, "large", dir, "crash-*")
	if got := content(t, folder, "report.txt"); !m.Complete || !strings.Contains(got, "-- late (seq 15): line 4\n") || !strings.HasSuffix(got, "-- complete: "+fmt.Sprint(lines+2)+" records\n") {
		t.Errorf("complete %v; report.txt ends\n%s", m.Complete, got[max(0, len(got)-500):])
	}
	if s.remembered != 0 {
		t.Errorf("%d bytes of it are remembered", s.remembered)
	}
}

func TestReceiverStartedAfterTheCrash(t *testing.T) {
	for format, extended := range formats {
		dir := t.TempDir()
		d := told(wire.Crash, extended, 10, "panic: oh", 6)
		// It hears the headline only, again and again, and across its own restarts.
		for run := range 3 {
			s := restart(t, dir, time.Duration(run)*time.Hour)
			for range 5 {
				s.hear(d[0])
				s.wait(16 * time.Second)
			}
			s.end()
			if len(s.closed.list) != 1 || s.closed.list[0].Worse != (run > 0) {
				t.Errorf("%s: start %d: %d reports closed", format, run, len(s.closed.list))
			}
		}
		_, m := only(t, format, dir, "*-0123*")
		if m.State != "incomplete" || m.Records.Received != 1 {
			t.Errorf("%s: %+v", format, m)
		}
		// Then the whole report comes after all, to one that dropped its own headline as worth no more.
		s := restart(t, dir, 10*time.Hour)
		s.hear(d[0])
		s.wait(16 * time.Second)
		s.hear(d...)
		s.wait(16 * time.Second)
		s.end()
		folder, m := only(t, format, dir, "*-0123*")
		if got := content(t, folder, "report.txt"); !m.Complete || !strings.Contains(got, "gasp: crash 0123456789abcdef: panic: oh\n") || !strings.Contains(got, "line 5") {
			t.Errorf("%s: %+v, report.txt is\n%s", format, m, got)
		}
		if text := content(t, folder, "earlier.txt"); !strings.Contains(text, "no end after 1 record") {
			t.Errorf("%s: earlier.txt is\n%s", format, text)
		}
		// And one that starts when all is stored needs nothing of it.
		s = restart(t, dir, 20*time.Hour)
		s.hear(d[0])
		s.wait(16 * time.Second)
		s.end()
		if again, _ := only(t, format, dir, "*-0123*"); again != folder || !s.closed.list[0].Known {
			t.Errorf("%s: stored again in %s", format, again)
		}
	}
}

func TestKeptCrash(t *testing.T) {
	for format, extended := range formats {
		crash := told(wire.Crash, extended, 5000, "panic: oh", 6)
		kept := told(wire.Kept, extended, 1, "panic: oh", 6)
		unreported := told(wire.Kept, extended, 1, wire.ResetCause, 0)
		tests := []struct {
			name         string
			crash, kept  []string
			kind         string
			received     uint64
			known, worse bool
			replaced     bool
		}{
			{"nothing was received", nil, kept, "kept", 8, false, false, false},
			{"all was received", crash, kept, "crash", 8, true, false, false},
			{"the half was received", crash[:4], kept, "kept", 8, false, false, true},
			{"more was received than was kept", crash[:6], kept[:3], "crash", 6, false, true, false},
			{"as much was received as was kept", crash[:3], kept[:3], "crash", 3, false, true, false},
			{"nothing was received or kept", nil, unreported, "kept", 2, false, false, false},
			{"some was received, nothing kept", crash[:1], unreported, "crash", 1, true, false, false},
		}
		for _, test := range tests {
			for _, restarts := range []bool{false, true} {
				name := fmt.Sprintf("%s, %s, restarted %v", format, test.name, restarts)
				dir := t.TempDir()
				s := restart(t, dir, 0)
				s.hear(test.crash...)
				s.wait(20 * time.Second)
				if restarts {
					s.end()
					s = restart(t, dir, time.Hour)
				}
				s.hear(test.kept...)
				s.wait(20 * time.Second)
				s.end()
				folder, m := only(t, name, dir, "*-0123*")
				last := s.closed.list[len(s.closed.list)-1]
				if m.Kind != test.kind || m.Records.Received != test.received || last.Known != test.known || last.Worse != test.worse || (last.Replaced != "") != test.replaced {
					t.Errorf("%s: stored is %s of %d records, the kept one known %v, worse %v, replaced %q",
						name, m.Kind, m.Records.Received, last.Known, last.Worse, last.Replaced)
				}
				if strings.HasSuffix(folder, "-kept") != (test.kind == "kept") || last.Folder != folder {
					t.Errorf("%s: stored in %s, said was %s", name, folder, last.Folder)
				}
				if _, err := os.Stat(filepath.Join(folder, "earlier.txt")); (err == nil) != test.replaced {
					t.Errorf("%s: earlier.txt: %v", name, err)
				}
			}
		}
	}
}

func TestKeptCrashWithoutABootIsNotTakenForAnother(t *testing.T) {
	dir := t.TempDir()
	for run := range 2 {
		s := restart(t, dir, time.Duration(run)*time.Hour)
		for _, d := range told(wire.Crash, true, 10, "panic: oh", 2) {
			s.hear(strings.Replace(d, string(boot[:]), strings.Repeat("0", 16), 1))
		}
		s.end()
	}
	if names := folders(t, dir, "crash-*"); len(names) != 2 {
		t.Errorf("the folders are %q, want two", names)
	}
}

func TestReportsOnDemand(t *testing.T) {
	for format, extended := range formats {
		dir := t.TempDir()
		s := restart(t, dir, 0)
		for i := range uint64(3) {
			s.hear(told(wire.Report, extended, 100*i, "NMI", 3)...)
		}
		s.hear(told(wire.Crash, extended, 500, "panic: oh", 3)...)
		s.end()
		only(t, format, dir, "crash-*")
		if names := folders(t, dir, "report-*"); len(names) != 3 {
			t.Fatalf("%s: the folders are %q, want three", format, names)
		}
		text := content(t, dir, "10.0.2.15", folders(t, dir, "report-*")[0], "report.txt")
		if !strings.HasPrefix(text, "report of 10.0.2.15, received ") || !strings.HasSuffix(text, "-- complete: 5 records\n") {
			t.Errorf("%s: report.txt is\n%s", format, text)
		}
	}
}

func TestFloodLeavesRoomForCrashes(t *testing.T) {
	dir := t.TempDir()
	s := restart(t, dir, 0)
	for _, form := range []wire.Form{wire.Report, wire.Kept} {
		for n := range uint64(maxCrashes + 100) {
			h := wire.Headline{Form: form, Boot: [16]byte(fmt.Appendf(nil, "%016x", n<<32|n)), Cause: []byte("x"), Uptime: n}
			s.hear(string(wire.AppendExtended(nil, &wire.Record{Seq: n, Time: n, Text: wire.AppendHeadline(nil, &h, wire.HeadlineMax)})))
		}
		s.wait(15 * time.Second)
		if form == wire.Report {
			if n := len(folders(t, dir, "*-*")); n != maxReports {
				t.Errorf("%d reports of a machine that goes on are stored, want %d", n, maxReports)
			}
		}
	}
	s.end()
	if n := len(folders(t, dir, "*-*")); n != maxCrashes {
		t.Errorf("%d reports are stored, want %d", n, maxCrashes)
	}
	if len(s.folders) > maxClosed || len(s.folders) == 0 || s.remembered > maxMemory || len(s.index.hosts["10.0.2.15"].known) > maxKnown {
		t.Errorf("%d reports and %d bytes are remembered", len(s.folders), s.remembered)
	}
}

func TestForgedMetaIsNotBelieved(t *testing.T) {
	dir := t.TempDir()
	host := filepath.Join(dir, "10.0.2.15")
	for i, text := range []string{"", "{", `{"boot": 7}`, `{"boot": "0123456789abcdee", "complete": true}`, `{"boot": "0123456789abcdef", "complete": true, "records": 7}`} {
		folder := filepath.Join(host, fmt.Sprintf("crash-2026-%d-01234567", i))
		os.MkdirAll(folder, folderMode)
		os.WriteFile(filepath.Join(folder, []string{"meta.json", "report.json"}[i%2]), []byte(text), fileMode)
	}
	s := restart(t, dir, 0)
	s.hear(told(wire.Kept, true, 1, "panic: oh", 3)...)
	s.end()
	if _, m := only(t, "beside them", dir, "*-kept"); !m.Complete || len(folders(t, dir, "*")) != 6 {
		t.Errorf("the folders are %q", folders(t, dir, "*"))
	}
}
