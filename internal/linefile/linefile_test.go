package linefile

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const helper = "GASP_LINEFILE_HELPER"

func TestMain(m *testing.M) {
	if path := os.Getenv(helper); path != "" {
		limited(path)
		return
	}
	os.Exit(m.Run())
}

func options(said *[]string) Options {
	return Options{Cut: " CUT\n",
		Lost: func(dst []byte, n uint64) []byte { return fmt.Appendf(dst, "-- %d lost\n", n) },
		Say:  func(text string) { *said = append(*said, text) }}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLineThatWasNotWrittenWholeIsMarked(t *testing.T) {
	for before, want := range map[string]string{"": "", "one\n": "one\n", "one\ntw": "one\ntw CUT\n", "o": "o CUT\n"} {
		var said []string
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, []byte(before), FileMode); err != nil {
			t.Fatal(err)
		}
		f := New(path, options(&said))
		f.Write([]byte("next\n"))
		f.Write([]byte("last\n"))
		f.Close()
		if got := content(t, path); got != want+"next\nlast\n" || f.Size() != int64(len(got)) || len(said) > 0 {
			t.Errorf("%q became %q; size %d, said %q", before, got, f.Size(), said)
		}
	}
}

func TestFolderAndFileThatAreRemovedAreMadeAnew(t *testing.T) {
	var said []string
	dir := filepath.Join(t.TempDir(), "host")
	f := New(filepath.Join(dir, "log"), options(&said))
	f.Write([]byte("one\n"))
	os.RemoveAll(dir)
	f.Write([]byte("two\n"))
	os.Remove(f.Path())
	f.Write([]byte("three\n"))
	if got := content(t, f.Path()); got != "three\n" || len(said) > 0 {
		t.Errorf("content %q, said %q", got, said)
	}
	f.Close()
}

func TestWhatCannotBeWrittenIsCounted(t *testing.T) {
	var said []string
	path := filepath.Join(t.TempDir(), "log")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	f := New(path, options(&said))
	f.Write([]byte("one\ntwo\n"))
	f.Write([]byte("three\n"))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("four\n"))
	f.Write([]byte("five\n"))
	f.Close()
	if got, want := content(t, path), "-- 3 lost\nfour\nfive\n"; got != want || f.Lost() != 3 || f.Pending() {
		t.Errorf("content %q, want %q; %d lost", got, want, f.Lost())
	}
	want := []string{path + " is not being written: no space left on device", path + " is written again, without 3 records"}
	if fmt.Sprint(said) != fmt.Sprint(want) {
		t.Errorf("said %q, want %q", said, want)
	}
}

// limited writes until its files may not grow any more, which cuts a write short as a full disk does;
// then once they may, and prints what was lost.
func limited(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	var said []string
	f := New(path, options(&said))
	limit := func(n uint64) {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: n, Max: unix.RLIM_INFINITY}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	limit(1000)
	n := 0
	write := func(count int) {
		var lines []byte
		for range count {
			lines = fmt.Appendf(lines, "record %d of many, whole\n", n)
			n++
		}
		f.Write(lines)
	}
	for range 10 {
		write(7)
	}
	limit(1020) // no room for more than what is to be said
	write(1)
	limit(unix.RLIM_INFINITY)
	write(1)
	f.Close()
	fmt.Println(n, f.Lost())
}

func TestFileThatMayNotGrowHasWholeRecordsOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helper+"="+path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var written, lost, next, said int
	if _, err := fmt.Sscan(string(out), &written, &lost); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	text := content(t, path)
	for line := range strings.Lines(text) {
		n := 0
		if _, err := fmt.Sscanf(line, "-- %d lost\n", &n); err == nil {
			next += n
			said += n
			continue
		}
		if line != fmt.Sprintf("record %d of many, whole\n", next) {
			t.Fatalf("where record %d should be is %q; the file is\n%s", next, line, text)
		}
		next++
	}
	if next != written || said != lost || lost < 20 || lost > 60 {
		t.Errorf("%d of %d records accounted for, %d said to be lost, %d counted", next, written, said, lost)
	}
}

func TestFileThatIsGivenStaysOpen(t *testing.T) {
	var said []string
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	f := On(w, options(&said))
	f.Write([]byte("one\n"))
	f.Close()
	f.Write([]byte("two\n"))
	buf := make([]byte, 100)
	n, _ := r.Read(buf)
	if string(buf[:n]) != "one\ntwo\n" {
		t.Errorf("read %q", buf[:n])
	}
}

func TestWriteAllocatesNothing(t *testing.T) {
	var said []string
	f := New(filepath.Join(t.TempDir(), "log"), options(&said))
	defer f.Close()
	line := []byte(strings.Repeat("x", 99) + "\n")
	f.Write(line)
	if n := testing.AllocsPerRun(100, func() { f.Write(line) }); n != 0 {
		t.Errorf("%v allocations a write", n)
	}
}
