package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A summary is a row for each format and rate, and what failed.
type summary struct {
	all, done int
	rows      []*row
	failures  []string
}

type row struct {
	format           string
	rate             float64
	runs, passed     int
	came, lost       uint64 // datagrams, both directions
	records, missing int
	times            []time.Duration
}

func newSummary(all int) *summary { return &summary{all: all} }

func (s *summary) passed() bool { return s.done == s.all && len(s.failures) == 0 }

func (s *summary) add(r *run, result result) {
	s.done++
	i := slices.IndexFunc(s.rows, func(w *row) bool { return w.format == r.format && w.rate == r.rate })
	if i < 0 {
		i = len(s.rows)
		s.rows = append(s.rows, &row{format: r.format, rate: r.rate})
	}
	w := s.rows[i]
	w.runs++
	w.came += result.forth.Came + result.back.Came
	w.lost += result.forth.Lost + result.back.Lost
	w.records += result.records
	w.missing += result.missing
	w.times = append(w.times, result.time)
	if len(result.reasons) == 0 {
		w.passed++
		return
	}
	text := fmt.Sprintf("%s at %g %%, %v, seed %d:\n", r.format, 100*r.rate, r.machine, r.seed)
	const shown = 10
	for _, reason := range result.reasons[:min(len(result.reasons), shown)] {
		text += "  " + reason + "\n"
	}
	s.failures = append(s.failures, text+"  "+r.again()+"\n")
}

func (s *summary) write(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "format\trate\tpassed\tdatagrams\tlost\trecords\tmissing\tseconds a run")
	for _, w := range s.rows {
		slices.Sort(w.times)
		fmt.Fprintf(t, "%s\t%g %%\t%d/%d\t%d\t%d\t%d\t%d\t%.1f [%.1f..%.1f]\n", w.format, 100*w.rate, w.passed, w.runs, w.came, w.lost, w.records, w.missing,
			w.times[len(w.times)/2].Seconds(), w.times[0].Seconds(), w.times[len(w.times)-1].Seconds())
	}
	t.Flush()
	for _, f := range s.failures {
		fmt.Fprintf(out, "\n%s", f)
	}
	fmt.Fprintf(out, "\n%d of %d runs passed\n", s.done-len(s.failures), s.done)
	if s.done < s.all {
		fmt.Fprintf(out, "%d were not made\n", s.all-s.done)
	}
}
