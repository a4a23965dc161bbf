package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"gasp/internal/progress"
	"gasp/qemu"
)

// A summary is everything the runs have shown; it is also the JSON file.
type summary struct {
	Seed     uint64    `json:"seed"`
	Repeat   int       `json:"repeat"`
	Load     bool      `json:"load"`
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	Done     int       `json:"cells_done"`
	Total    int       `json:"cells"`
	Whole    int       `json:"whole"`
	Classes  []*row    `json:"classes"`
	Failures []failure `json:"failures"`
	counted  bool
}

// A row is one class.
type row struct {
	Class      string         `json:"class"`
	Cells      int            `json:"cells"`
	Arrived    map[string]int `json:"arrived"` // cells by verdict
	FramesMin  int            `json:"frames_min"`
	FramesMax  int            `json:"frames_max"`
	Count      *qemu.Count    `json:"instructions,omitempty"`
	CountError string         `json:"instructions_error,omitempty"`
}

// A failure is a cell that is not whole.
type failure struct {
	Class   string       `json:"class"`
	Machine string       `json:"machine"`
	Seed    uint64       `json:"seed"`
	Step    int          `json:"step"`
	Verdict qemu.Verdict `json:"arrived"`
	Reason  string       `json:"reason"`
	Cmdline string       `json:"cmdline"` // the image's
	Again   string       `json:"again"`   // what runs the cell again
	Serial  string       `json:"serial,omitempty"`
	QEMU    string       `json:"qemu,omitempty"` // what it said
}

// maxSerial is how many failures keep the end of their serial line.
const maxSerial = 200

func newSummary(o *options) *summary {
	s := &summary{Seed: o.seed, Repeat: o.repeat, Load: o.load, Started: time.Now().Round(time.Second), Total: len(plan(o)),
		Failures: []failure{}, counted: o.icount}
	for _, c := range o.classes {
		s.Classes = append(s.Classes, &row{Class: c.Class, Arrived: map[string]int{}})
	}
	return s
}

func (s *summary) row(class string) *row {
	for _, r := range s.Classes {
		if r.Class == class {
			return r
		}
	}
	return nil
}

// add takes what became of a job.
func (s *summary) add(o outcome, total int) {
	s.Done, s.Total = s.Done+1, total
	c, r := &o.cell, s.row(o.cell.Crash.Class)
	if o.count {
		if o.err != nil {
			r.CountError = o.err.Error()
		} else {
			r.Count = &o.counts
		}
		return
	}
	r.Cells++
	r.Arrived[o.result.Verdict.String()]++
	if n := o.result.Frames; n > 0 {
		r.FramesMax = max(r.FramesMax, n)
		if r.FramesMin == 0 || n < r.FramesMin {
			r.FramesMin = n
		}
	}
	if o.result.Verdict == qemu.Whole {
		s.Whole++
		return
	}
	f := failure{Class: c.Crash.Class, Machine: c.Machine.String(), Seed: c.Seed, Step: c.Step, Verdict: o.result.Verdict,
		Reason: o.result.Reason, Cmdline: c.Cmdline(), Again: again(c), QEMU: o.result.Said}
	if len(s.Failures) < maxSerial {
		f.Serial = o.result.Serial
	}
	s.Failures = append(s.Failures, f)
}

func progressText(s *summary, since time.Duration) string {
	return fmt.Sprintf("%d of %d, %d not whole, about %v left", s.Done, s.Total, len(s.Failures), progress.Left(since, s.Done, s.Total))
}

// write prints the table, a row a class, and the failures.
func (s *summary) write(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	heading := "class\twhole\twhat arrived\tframes"
	if s.counted {
		heading += "\tinstructions to first frame\tto last\ta frame"
	}
	fmt.Fprintln(t, heading)
	for _, r := range s.Classes {
		fmt.Fprintf(t, "%s\t%d/%d\t%s\t%s", r.Class, r.Arrived[qemu.Whole.String()], r.Cells, r.arrived(), r.frames())
		switch {
		case r.Count != nil:
			fmt.Fprintf(t, "\t%s\t%s\t%s", thousands(r.Count.First), thousands(r.Count.Last), thousands(r.Count.PerFrame))
		case r.CountError != "":
			fmt.Fprint(t, "\tnot counted")
		}
		fmt.Fprintln(t)
	}
	t.Flush()
	for _, f := range s.Failures {
		fmt.Fprintf(out, "\n%s on %s: %v arrived, seed %d\n  %s\n  %s\n  %s\n", f.Class, f.Machine, f.Verdict, f.Seed, f.Reason, f.Cmdline, f.Again)
	}
	for _, r := range s.Classes {
		if r.CountError != "" {
			fmt.Fprintf(out, "\n%s: instructions not counted: %s\n", r.Class, r.CountError)
		}
	}
	fmt.Fprintf(out, "\n%d of %d cells are whole, %d are not\n", s.Whole, s.cells(), len(s.Failures))
	if s.Done < s.Total {
		fmt.Fprintf(out, "%d were not run\n", s.Total-s.Done)
	}
}

func (s *summary) cells() (n int) {
	for _, r := range s.Classes {
		n += r.Cells
	}
	return n
}

// arrived is what arrived, in a word if it was always the same.
func (r *row) arrived() string {
	var parts []string
	for _, v := range []qemu.Verdict{qemu.Whole, qemu.HeadlineAlone, qemu.Nothing} {
		switch n := r.Arrived[v.String()]; n {
		case 0:
		case r.Cells:
			return v.String()
		default:
			parts = append(parts, fmt.Sprintf("%v %d", v, n))
		}
	}
	return strings.Join(parts, ", ")
}

func (r *row) frames() string {
	switch {
	case r.FramesMax == 0:
		return ""
	case r.FramesMin == r.FramesMax:
		return strconv.Itoa(r.FramesMin)
	}
	return fmt.Sprintf("%d-%d", r.FramesMin, r.FramesMax)
}

// thousands writes n with commas.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
