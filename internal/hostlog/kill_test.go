package hostlog

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gasp/internal/queue"
)

const (
	helper = "GASP_HOSTLOG_HELPER"
	// kills, in the environment, is how often the writer is killed.
	kills = "GASP_KILLS"
	// rotation is small, so that it and the compression are hit too.
	rotation = 1 << 20
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(helper); dir != "" {
		endless(dir)
	}
	os.Exit(m.Run())
}

// endless writes 100,000 records a second, until it is killed.
func endless(dir string) {
	q := queue.New(New(Options{Dir: dir, RotateSize: rotation, Say: func(text string) { fmt.Println(text) }}), queue.Options{})
	text := strings.Repeat("x", 100)
	const a, pause = 500, 5 * time.Millisecond
	began := time.Now()
	for n := uint64(0); ; n += a {
		for i := range uint64(a) {
			r := record(n+i, 6, text)
			r.At = time.Now()
			q.Record(r)
		}
		if q.Lost() > 0 {
			fmt.Println("lost", q.Lost())
		}
		time.Sleep(time.Until(began.Add(time.Duration(n/a) * pause)))
	}
}

// A prefix of what was received is on disk, in whole records, and the next run marks what is not whole.
func TestKillInTheMiddleOfWriting(t *testing.T) {
	rounds := 5
	if n, err := strconv.Atoi(os.Getenv(kills)); err == nil {
		rounds = n
	}
	torn, found := 0, 0
	for round := range rounds {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), helper+"="+dir)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Wherever it is when it has written this much.
		enough := int64(rotation/3 + round%5*rotation/2)
		for began := time.Now(); written(dir) < enough; time.Sleep(time.Millisecond) {
			if time.Since(began) > time.Minute {
				cmd.Process.Kill()
				cmd.Wait()
				t.Fatalf("%d bytes in a minute; it said %s", written(dir), out.String())
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
		if out.Len() > 0 {
			t.Fatalf("it said %s", out.String())
		}
		text := content(t, dir, "10.0.2.15", "")
		whole := strings.LastIndexByte(text, '\n') + 1
		n := all(t, text[:whole], 0)
		if n == 0 {
			t.Fatal("nothing is there")
		}
		found += n
		s, said := newLogs(t, Options{Dir: dir})
		s.Record(record(uint64(n), 6, "after"))
		closed(s)
		after := content(t, dir, "10.0.2.15", "")
		const time = "2026-11-23T12:00:00.123456Z "
		want := text
		if whole < len(text) {
			torn++
			want += "\t#! cut off here: the receiver ended while it wrote this\n"
		}
		if want += time + fmt.Sprint(n) + " info after\n"; after != want || len(said()) > 0 {
			t.Errorf("the next run said %q and made the end\n%q, want\n%q", said(), after[whole-min(whole, 200):], want[whole-min(whole, 200):])
		}
	}
	t.Logf("%d times killed, %d records on disk, %d times within one", rounds, found, torn)
}

// written is how many bytes are in a host's files, or have been; a compressed one counts as what is
// certain to have been in it.
func written(dir string) (n int64) {
	entries, _ := os.ReadDir(filepath.Join(dir, "10.0.2.15"))
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || strings.HasSuffix(e.Name(), unfinished):
		case strings.HasSuffix(e.Name(), compressed):
			n += rotation / 2
		default:
			n += info.Size()
		}
	}
	return n
}
