package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// A summary is everything the runs have shown; it is also the JSON file.
type summary struct {
	Seed     uint64    `json:"seed"`
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	Clients  int       `json:"clients"`
	Rate     int       `json:"rate"` // lines a second that were wanted
	Runs     int       `json:"runs"`
	Done     int       `json:"done"`
	Rows     []*row    `json:"machines"`
	Failures []failing `json:"failures"`
}

// A row is a machine and a format.
type row struct {
	Machine  string            `json:"machine"`
	Format   string            `json:"format"`
	Runs     int               `json:"runs"`
	Passed   int               `json:"passed"`
	Classes  map[string]int    `json:"classes"`
	Seconds  float64           `json:"load_seconds"`
	Requests int               `json:"requests"`
	Bytes    int64             `json:"body_bytes"`
	Slowest  float64           `json:"slowest_answer_seconds"`
	Records  int               `json:"records"`
	Lines    int               `json:"numbered_lines"`
	Admitted map[string]uint64 `json:"records_admitted_lost"` // by class
	Rates    []float64         `json:"lines_a_second"`        // of each run
	Medians  []float64         `json:"median_answer_seconds"`
	Resent   uint64            `json:"tcp_segments_sent_again"`
	Overrun  uint64            `json:"frames_lost_before_the_stack"`
	Refused  uint64            `json:"frames_the_device_refused"`
	Dropped  uint64            `json:"records_overwritten_unsent"`
	Heap     uint64            `json:"heap_bytes"`       // the most
	Grown    int64             `json:"heap_bytes_grown"` // in a run, the most
}

// A failing is a run that did not pass.
type failing struct {
	Machine string   `json:"machine"`
	Format  string   `json:"format"`
	Class   string   `json:"class"`
	Seed    uint64   `json:"seed"`
	Reasons []string `json:"reasons"`
	Again   string   `json:"again"` // what makes the run again
}

func newSummary(o *options, runs int) *summary {
	return &summary{Seed: o.seed, Started: time.Now().Round(time.Second), Clients: o.clients, Rate: o.rate, Runs: runs, Failures: []failing{}}
}

func (s *summary) passed() bool { return s.Done == s.Runs && len(s.Failures) == 0 }

// add takes what became of a run.
func (s *summary) add(r *run, result *result) {
	s.Done++
	w := s.row(r)
	w.Runs++
	w.Classes[r.class.Class]++
	w.Seconds += r.moment.Seconds()
	w.Requests += result.requests
	w.Bytes += result.bytes
	w.Slowest = max(w.Slowest, result.slowest.Seconds())
	w.Records += result.records
	w.Lines += result.lines
	if result.admitted > 0 {
		w.Admitted[r.class.Class] += result.admitted
	}
	w.Rates = append(w.Rates, result.rate)
	w.Medians = append(w.Medians, result.median.Seconds())
	w.Resent += result.state.Retransmits
	w.Overrun += result.state.Overrun
	w.Refused += result.state.Refused
	w.Dropped += result.state.Dropped
	w.Heap = max(w.Heap, result.state.HeapSys)
	w.Grown = max(w.Grown, result.grown)
	if len(result.reasons) == 0 {
		w.Passed++
		return
	}
	s.Failures = append(s.Failures, failing{Machine: r.machine.String(), Format: r.format, Class: r.class.Class, Seed: r.seed, Reasons: result.reasons, Again: r.again()})
}

func (s *summary) row(r *run) *row {
	name := r.machine.String()
	i := slices.IndexFunc(s.Rows, func(w *row) bool { return w.Machine == name && w.Format == r.format })
	if i < 0 {
		i = len(s.Rows)
		s.Rows = append(s.Rows, &row{Machine: name, Format: r.format, Classes: make(map[string]int), Admitted: make(map[string]uint64)})
	}
	return s.Rows[i]
}

// write prints the table, a row a machine and format, and the failures.
func (s *summary) write(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "machine\tformat\tpassed\trequests\ta second\tMB\tmedian, slowest answer\tlines\ta second\tTCP again\theap MiB, grown")
	for _, w := range s.Rows {
		fmt.Fprintf(t, "%s\t%s\t%d/%d\t%d\t%.0f\t%d\t%.3f, %.1f s\t%d\t%.0f [%.0f..%.0f]\t%d\t%d, %d\n", w.Machine, w.Format, w.Passed, w.Runs,
			w.Requests, float64(w.Requests)/max(w.Seconds, 1e-3), w.Bytes/1e6, median(w.Medians), w.Slowest,
			w.Lines, median(w.Rates), slices.Min(w.Rates), slices.Max(w.Rates), w.Resent, w.Heap>>20, w.Grown>>20)
	}
	t.Flush()
	for _, w := range s.Rows {
		for _, class := range slices.Sorted(maps.Keys(w.Admitted)) {
			fmt.Fprintf(out, "\n%s, %s, %s: the report admits %d records lost", w.Machine, w.Format, class, w.Admitted[class])
		}
	}
	fmt.Fprintln(out)
	for _, f := range s.Failures {
		fmt.Fprintf(out, "\n%s, %s, %s, seed %d:\n", f.Machine, f.Format, f.Class, f.Seed)
		for _, reason := range f.Reasons {
			fmt.Fprintf(out, "  %s\n", reason)
		}
		fmt.Fprintf(out, "  %s\n", f.Again)
	}
	fmt.Fprintf(out, "\n%d of %d runs passed\n", s.Done-len(s.Failures), s.Done)
	if s.Done < s.Runs {
		fmt.Fprintf(out, "%d were not made\n", s.Runs-s.Done)
	}
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
