package source

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// rates are what the networks of the simulations lose, double and reorder, of a hundred.
var rates = []int{1, 10, 30, 50}

const runs = 50

// TestEverythingArrives: whatever a network does, every record is shown once, in order, and the report of
// the crash is complete.
func TestEverythingArrives(t *testing.T) {
	for _, rate := range rates {
		slowest := time.Duration(0)
		for run := range uint64(runs) {
			w := newWorld(t, run, Options{})
			w.loss, w.double, w.jitter = float64(rate)/100, float64(rate)/100, float64(rate)/100
			d := w.device
			want := []string{}
			const count, lines = 300, 30
			for i := range count {
				level := uint8(6)
				if i%17 == 5 {
					level = 7
				} else {
					want = append(want, fmt.Sprint(i, " record ", i))
				}
				d.Log(level, w.now, fmt.Sprint("record ", i))
				w.pass(5 * time.Millisecond)
			}
			headline := fmt.Sprint(d.Logged, " gasp: crash ")
			d.Crash(w.now, bootA, lines)
			crashed := w.now
			w.until(2 * time.Minute)
			if !d.Done() {
				t.Fatalf("%d %%, run %d: acked %d of %d after two minutes", rate, run, d.Acked, d.Logged)
			}
			slowest = max(slowest, w.now.Sub(crashed))
			for i := range lines {
				want = append(want, fmt.Sprint(count+1+i, " line ", i))
			}
			want = append(want, fmt.Sprint(count+1+lines, " gasp: end of crash 0123456789abcdef: ", lines+2, " records, 0 lost"),
				fmt.Sprint("crash report complete: ", lines+2, " records"))
			got := slices.Clone(w.journal.lines)
			at := slices.IndexFunc(got, func(line string) bool { return strings.HasPrefix(line, headline) })
			if at < 0 {
				t.Fatalf("%d %%, run %d: no headline", rate, run)
			}
			got = slices.Delete(got, at, at+1)
			got = slices.DeleteFunc(got, func(line string) bool { return strings.HasPrefix(line, "-- ") && strings.Contains(line, " refused: ") })
			if !slices.Equal(got, want) {
				t.Fatalf("%d %%, run %d: shown was\n%s\nwant\n%s", rate, run, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if s := w.table.Stats(); s.Missing != 0 || s.Gone != 0 || s.Late != 0 || s.HeldBack != count/17+1 {
				t.Fatalf("%d %%, run %d: %+v", rate, run, s)
			}
			checkMemory(t, w.table)
		}
		t.Logf("%d %% lost, doubled and reordered, both ways: %d runs complete, the slowest %v after the crash", rate, runs, slowest)
	}
}

// TestEveryLossIsReported: without repair, what is called missing is what the network lost, exactly, but
// for what is lost behind the last record that arrives: of that nobody can know. Here the first and the
// last one arrive.
func TestEveryLossIsReported(t *testing.T) {
	for _, rate := range rates {
		for run := range uint64(runs) {
			w := newWorld(t, run, Options{})
			w.double, w.jitter = float64(rate)/100, float64(rate)/100
			const count = 1000
			dropped := uint64(0)
			for seq := range uint64(count) {
				w.loss = float64(rate) / 100
				if seq == 0 || seq == count-1 {
					w.loss = 0
				}
				b := []byte(extended(6, seq, "record"))
				w.run(w.now)
				if !w.carry(w.now, func(now time.Time) { w.arrive(now, sender, b) }) {
					dropped++
				}
				w.now = w.now.Add(time.Millisecond)
				if seq%25 == 0 {
					w.table.Tick(w.now)
				}
				if seq == 0 { // all others are expected once the first one is there
					w.jitter, w.now = 0, w.now.Add(w.late)
					w.run(w.now)
					w.jitter = float64(rate) / 100
				}
			}
			w.run(w.now.Add(w.late))
			settle(t, w.table, w.now.Add(w.late))
			s := w.table.Stats()
			if s.Missing != dropped || s.Records != count-dropped || s.Late != 0 || slices.Contains(w.journal.lines, "reboot") {
				t.Fatalf("%d %%, run %d: the network lost %d, the table says %+v", rate, run, dropped, s)
			}
		}
	}
}
