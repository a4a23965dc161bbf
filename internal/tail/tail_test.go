package tail

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func more(t *testing.T, l *Log) (lines []string) {
	t.Helper()
	if err := l.More(func(line string) error { lines = append(lines, line); return nil }); err != nil {
		t.Fatal(err)
	}
	return lines
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestFollowing(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	l := New(dir)
	defer l.Close()
	got, err := l.Last(3)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "no log yet", got)
	expect(t, "still none", more(t, l))
	write(t, log, "one\n")
	expect(t, "the first line", more(t, l), "one")
	write(t, log, "two\nthr")
	expect(t, "half a line", more(t, l), "two")
	write(t, log, "ee\n")
	expect(t, "the other half", more(t, l), "three")
	expect(t, "nothing", more(t, l))
	write(t, log, "four\n")
	if err := os.Rename(log, log+"-20261123T120000.000001Z"); err != nil {
		t.Fatal(err)
	}
	expect(t, "rotated, no new one", more(t, l), "four")
	write(t, log, "five\n")
	expect(t, "the new one", more(t, l), "five")
	write(t, log, "six\n")
	os.Rename(log, log+"-20261123T120000.000002Z")
	write(t, log, "seven\n")
	expect(t, "rest and new one", more(t, l), "six", "seven")
	if err := os.Truncate(log, 0); err != nil {
		t.Fatal(err)
	}
	write(t, log, "x\n")
	expect(t, "emptied", more(t, l), "x")
	stop := errors.New("stop")
	write(t, log, "y\nz\n")
	if err := l.More(func(string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

func TestEndsAcrossOlderLogs(t *testing.T) {
	dir := t.TempDir()
	packed, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "log-20261123T120000.000000Z.zst"), string(packed.EncodeAll([]byte("1\n2\n3\n"), nil)))
	// This one is being compressed.
	write(t, filepath.Join(dir, "log-20261123T130000.000000Z"), "4\n5\n")
	write(t, filepath.Join(dir, "log-20261123T130000.000000Z.zst"), string(packed.EncodeAll([]byte("4\n5\n"), nil)))
	write(t, filepath.Join(dir, "log-20261123T130000.000000Z.zst.part"), "garbage")
	write(t, filepath.Join(dir, "log"), "6\n7\nhalf")
	for n := range 9 {
		l := New(dir)
		got, err := l.Last(n)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i := max(1, 8-n); i <= 7; i++ {
			want = append(want, fmt.Sprint(i))
		}
		expect(t, fmt.Sprint(n), got, want...)
		l.Close()
	}
	l := New(dir)
	l.Last(1)
	write(t, filepath.Join(dir, "log"), " line\n")
	expect(t, "the rest", more(t, l), "half line")
	l.Close()
}

func TestLongLineIsCut(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "log"), strings.Repeat("x", maxLine+10)+"\nlast\n")
	l := New(dir)
	defer l.Close()
	got, err := l.Last(5)
	if err != nil || len(got) != 3 || len(got[0]) != maxLine || got[1] != "xxxxxxxxxx" || got[2] != "last" {
		t.Errorf("%d lines, %v", len(got), err)
	}
}

func TestDamagedLog(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "log-20261123T120000.000000Z.zst"), "no zstd")
	if _, err := New(dir).Last(5); err == nil {
		t.Error("no error")
	}
}
