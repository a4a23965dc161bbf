package hostlog

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// all checks that a host's logs hold the records from first on, each once and in order, and returns
// how many there are.
func all(t *testing.T, text string, first int) int {
	t.Helper()
	next := first
	for line := range strings.Lines(text) {
		if !strings.Contains(line, fmt.Sprintf("Z %d info ", next)) || !strings.HasSuffix(line, "\n") {
			t.Fatalf("where record %d should be is %q", next, line)
		}
		next++
	}
	return next - first
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	names, err := older(filepath.Join(dir, "10.0.2.15"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// closed closes the logs when the keeper has looked at all that it was asked to.
func closed(s *Logs) {
	s.Reopen()
	close(s.keeper.folders)
	<-s.keeper.done
}

func TestRotationBySize(t *testing.T) {
	const size = 20_000
	s, said := newLogs(t, Options{RotateSize: size})
	now := at
	s.now = func() time.Time { now = now.Add(-time.Second); return now } // a clock that goes back
	const count = 2000
	for seq := range uint64(count) {
		s.Record(record(seq, 6, "text of some length"))
		if seq%7 == 0 {
			s.Flush()
		}
	}
	closed(s)
	files := names(t, s.options.Dir)
	if !slices.IsSorted(files) || len(files) < 5 {
		t.Errorf("the older logs are %q", files)
	}
	for _, name := range files {
		if !strings.HasSuffix(name, ".zst") {
			t.Errorf("%s is not compressed", name)
		}
	}
	if n := all(t, content(t, s.options.Dir, "10.0.2.15", ""), 0); n != count {
		t.Errorf("%d of %d records are there", n, count)
	}
	if log := content(t, s.options.Dir, "10.0.2.15", "log"); len(log) > size {
		t.Errorf("the log has %d bytes", len(log))
	}
	if len(said()) > 0 {
		t.Errorf("said %q", said())
	}
}

func TestLogThatCannotBeRotatedIsWrittenOn(t *testing.T) {
	s, said := newLogs(t, Options{RotateSize: 100})
	now := at
	s.now = func() time.Time { return now }
	write := func(seq uint64) {
		s.Record(record(seq, 6, "text of some length, that two of are too much"))
		s.Flush()
	}
	write(0)
	s.rename = func(from, to string) error {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: os.ErrPermission}
	}
	write(1)
	write(2)
	s.rename = os.Rename
	write(3)
	now = now.Add(2 * rotatePause)
	write(4)
	closed(s)
	if len(said()) != 1 || !strings.Contains(said()[0], "cannot be rotated: ") {
		t.Errorf("said %q", said())
	}
	if n := all(t, content(t, s.options.Dir, "10.0.2.15", ""), 0); n != 5 || len(names(t, s.options.Dir)) != 1 {
		t.Errorf("%d records in the log and %q", n, names(t, s.options.Dir))
	}
}

func TestRotationByAge(t *testing.T) {
	dir := t.TempDir()
	write := func(seq uint64, now time.Time) {
		s, said := newLogs(t, Options{Dir: dir, RotateAge: time.Hour})
		s.now = func() time.Time { return now }
		r := record(seq, 6, "text")
		r.At = now
		s.Record(r)
		closed(s)
		if len(said()) > 0 {
			t.Errorf("said %q", said())
		}
	}
	// The age is known across the program's own restart.
	for i, after := range []time.Duration{0, 30 * time.Minute, time.Hour, 90 * time.Minute, 2 * time.Hour} {
		write(uint64(i), at.Add(after))
	}
	if files := names(t, dir); fmt.Sprint(files) != "[log-20261123T130000.123456Z.zst log-20261123T140000.123456Z.zst]" {
		t.Errorf("the older logs are %q", files)
	}
	if n := all(t, content(t, dir, "10.0.2.15", ""), 0); n != 5 {
		t.Errorf("%d of 5 records are there", n)
	}
}

func TestOldestLogsAreDeleted(t *testing.T) {
	for name, o := range map[string]Options{"by number": {Keep: 3}, "by size": {KeepSize: 700}} {
		o.RotateSize = 4000
		s, _ := newLogs(t, o)
		const count = 1000
		for seq := range uint64(count) {
			s.Record(record(seq, 6, "text"))
			s.Flush()
		}
		closed(s)
		files := names(t, s.options.Dir)
		var size int64
		for _, f := range files {
			info, err := os.Stat(filepath.Join(s.options.Dir, "10.0.2.15", f))
			if err != nil {
				t.Fatal(err)
			}
			size += info.Size()
		}
		if o.Keep > 0 && len(files) != o.Keep || o.KeepSize > 0 && (size > o.KeepSize || len(files) == 0) {
			t.Errorf("%s: %d older logs of %d bytes are kept", name, len(files), size)
		}
		text := content(t, s.options.Dir, "10.0.2.15", "")
		kept := strings.Count(text, "\n")
		if n := all(t, text, count-kept); n == 0 {
			t.Errorf("%s: nothing is kept", name)
		}
	}
}

func TestWhatAnEarlierRunLeftIsCompressed(t *testing.T) {
	dir := t.TempDir()
	host := filepath.Join(dir, "10.0.2.15")
	if err := os.MkdirAll(host, 0o750); err != nil {
		t.Fatal(err)
	}
	const left, both = "log-20261123T120000.000000Z", "log-20261123T110000.000000Z"
	for name, text := range map[string]string{left: "two\n", left + ".zst.part": "half", both: "one\n", both + ".zst": "whole", "log-notes": "mine", "log-x.zst": "mine"} {
		if err := os.WriteFile(filepath.Join(host, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, said := newLogs(t, Options{Dir: dir})
	closed(s)
	entries, _ := os.ReadDir(host)
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	if want := []string{both + ".zst", left + ".zst", "log-notes", "log-x.zst"}; !slices.Equal(found, want) || len(said()) > 0 {
		t.Errorf("the files are %q, want %q; said %q", found, want, said())
	}
	if content(t, dir, "10.0.2.15", both+".zst") != "whole" {
		t.Error("a whole one was made again")
	}
}
