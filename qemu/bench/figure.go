package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// results are everything that a run has shown; they are also the JSON file.
type results struct {
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	Linux    bool      `json:"linux"` // was measured beside
	Figures  []Figure  `json:"figures"`
	Profiles []Profile `json:"profiles,omitempty"`
	Failures []string  `json:"failures,omitempty"` // parts that could not be measured
}

// A Figure is one measured quantity.
type Figure struct {
	Name   string  `json:"name"`  // as in the limits
	About  string  `json:"about"` // what it is, with its unit
	Gasp   samples `json:"gasp"`
	Linux  samples `json:"linux,omitempty"` // the same of Linux, in the same run
	Wanted *wanted `json:"wanted,omitempty"`
	Limit  float64 `json:"limit,omitempty"` // of an instruction count
	Note   string  `json:"note,omitempty"`
	Met    *bool   `json:"met,omitempty"` // as wanted

	counted bool    // it is instructions, which are the same on every host: it gets a limit
	grain   float64 // of how it was measured
}

// samples are the single values of one side.
type samples []float64

func (s samples) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	return (sorted[len(sorted)/2] + sorted[(len(sorted)-1)/2]) / 2
}

// String is the median, with the range if there is one.
func (s samples) String() string {
	if len(s) == 0 {
		return "-"
	}
	least, most := number(slices.Min(s)), number(slices.Max(s))
	if least == most {
		return least
	}
	return fmt.Sprintf("%s [%s..%s]", number(s.median()), least, most)
}

// number writes a value with the digits that mean something, and commas.
func number(v float64) string {
	digits := 0
	switch {
	case math.Abs(v) < 10:
		digits = 2
	case math.Abs(v) < 100:
		digits = 1
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	for i := len(text) - 4; digits == 0 && i >= 0 && text[i] != '-'; i -= 3 {
		text = text[:i+1] + "," + text[i+1:]
	}
	return text
}

// wanted is what a figure should be: Most is the largest value, Times how many times better than Linux's at the least;
// if all are 0 it is only to be known. Better is less unless More is set.
type wanted struct {
	Most  float64 `json:"most,omitempty"`
	Times float64 `json:"times,omitempty"`
	More  bool    `json:"more,omitempty"`
	None  bool    `json:"none,omitempty"` // 0 is wanted, of each value
}

func (w *wanted) String() string {
	switch {
	case w == nil:
		return ""
	case w.None:
		return "none"
	case w.Most != 0:
		return "at most " + number(w.Most)
	}
	if w.Times == 0 {
		return ""
	}
	return strconv.FormatFloat(w.Times, 'g', 3, 64) + "x"
}

// times is how many times better than Linux gasp is.
func (f *Figure) times() float64 {
	if f.Wanted != nil && f.Wanted.More {
		return f.Gasp.median() / f.Linux.median()
	}
	return f.Linux.median() / f.Gasp.median()
}

// settle finds out whether the figure is as wanted.
func (f *Figure) settle() {
	w := f.Wanted
	if w.String() == "" || len(f.Gasp) == 0 || w.Times != 0 && len(f.Linux) == 0 {
		return
	}
	var met bool
	switch {
	case w.None:
		met = slices.Max(f.Gasp) == 0
	case w.Most != 0:
		met = f.Gasp.median() <= w.Most
	default:
		met = f.times() >= w.Times
	}
	f.Met = &met
}

// write prints the table.
func (r *results) write(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tgasp\tLinux\tbetter by\twanted\t")
	for i := range r.Figures {
		f := &r.Figures[i]
		f.settle()
		times, met := "", ""
		if len(f.Linux) > 0 && len(f.Gasp) > 0 {
			times = strconv.FormatFloat(f.times(), 'f', 2, 64) + "x"
		}
		if f.Met != nil {
			met = map[bool]string{true: "yes", false: "NO"}[*f.Met]
		}
		fmt.Fprintf(t, "%s\t%v\t%v\t%s\t%v\t%s\n", f.About, f.Gasp, f.Linux, times, f.Wanted, met)
	}
	t.Flush()
	for _, f := range r.Figures {
		if f.Note != "" {
			fmt.Fprintf(out, "%s: %s\n", f.About, f.Note)
		}
	}
	for _, p := range r.Profiles {
		fmt.Fprintf(out, "\n%s (%s):\n", p.About, p.File)
		for _, line := range p.Top {
			fmt.Fprintln(out, line)
		}
	}
	if !r.Linux {
		fmt.Fprintln(out, "Linux was not measured: PEERS= names a kit that runs it (docs/performance.md)")
	}
	for _, failure := range r.Failures {
		fmt.Fprintln(out, "could not be measured:", failure)
	}
}
