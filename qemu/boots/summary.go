package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"gasp/qemu"
)

// A summary is everything the boots have shown; it is also the JSON file.
type summary struct {
	Seed     uint64    `json:"seed"`
	Started  time.Time `json:"started"`
	Seconds  float64   `json:"seconds"`
	Boots    int       `json:"boots"`
	Done     int       `json:"done"`
	Passed   int       `json:"passed"`
	Hung     int       `json:"hung"`
	Checks   int       `json:"checks_passed"`
	Machines []*row    `json:"machines"`
	Failures []failure `json:"failures"`
}

// A row is one machine.
type row struct {
	Machine    string  `json:"machine"`
	Boots      int     `json:"boots"`
	Passed     int     `json:"passed"`
	SecondsMin float64 `json:"seconds_min"` // that a boot took
	SecondsMax float64 `json:"seconds_max"`
}

// A failure is a boot that did not pass.
type failure struct {
	Machine string   `json:"machine"`
	Seed    uint64   `json:"seed"`
	Hung    bool     `json:"hung"`
	Reasons []string `json:"reasons"`
	Cmdline string   `json:"cmdline"` // the image's
	Again   string   `json:"again"`   // what makes the boot again
	Report  []string `json:"report,omitempty"`
	Serial  string   `json:"serial,omitempty"`
	QEMU    string   `json:"qemu,omitempty"` // what it said
}

const (
	maxSerial = 200 // failures that keep the end of their serial line
	maxShown  = 40  // lines of a report that the table's reader gets
)

func newSummary(o *options) *summary {
	s := &summary{Seed: o.seed, Started: time.Now().Round(time.Second), Boots: o.boots, Failures: []failure{}}
	for _, m := range o.machines {
		s.Machines = append(s.Machines, &row{Machine: m.String()})
	}
	return s
}

func (s *summary) passed() bool { return s.Done == s.Boots && s.Passed == s.Done }

// add takes what became of a boot.
func (s *summary) add(b *boot) {
	s.Done++
	s.Checks += b.result.Passed
	if b.result.Hung {
		s.Hung++
	}
	reasons := b.result.Failed
	if b.err != nil {
		reasons = append(reasons, b.err.Error())
	}
	for _, r := range s.Machines {
		if r.Machine != b.Machine.String() {
			continue
		}
		seconds := b.result.Time.Seconds()
		if r.Boots == 0 || seconds < r.SecondsMin {
			r.SecondsMin = seconds
		}
		r.SecondsMax = max(r.SecondsMax, seconds)
		r.Boots++
		if len(reasons) == 0 {
			r.Passed++
		}
	}
	if len(reasons) == 0 {
		s.Passed++
		return
	}
	f := failure{Machine: b.Machine.String(), Seed: b.Seed, Hung: b.result.Hung, Reasons: reasons, Cmdline: b.Cmdline(),
		Again: again(&b.Selftest), Report: b.result.Report, QEMU: b.result.Said}
	if len(s.Failures) < maxSerial {
		f.Serial = b.result.Serial
	}
	s.Failures = append(s.Failures, f)
}

// again is the command line that makes a boot once more.
func again(t *qemu.Selftest) string {
	line := fmt.Sprintf("go run ./qemu/boots -n 1 -nics '%v' -seed %d", t.Machine, t.Seed)
	if t.Checks != "" {
		line += " -checks " + t.Checks
	}
	return line
}

// write prints the table, a row a machine, and the failures.
func (s *summary) write(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "machine\tpassed\tseconds a boot")
	for _, r := range s.Machines {
		if r.Boots > 0 {
			fmt.Fprintf(t, "%s\t%d/%d\t%.1f-%.1f\n", r.Machine, r.Passed, r.Boots, r.SecondsMin, r.SecondsMax)
		}
	}
	t.Flush()
	for _, f := range s.Failures {
		fmt.Fprintf(out, "\n%s, seed %d:\n", f.Machine, f.Seed)
		for _, reason := range f.Reasons {
			fmt.Fprintf(out, "  %s\n", reason)
		}
		fmt.Fprintf(out, "  %s\n  %s\n", f.Cmdline, f.Again)
		for i, line := range f.Report {
			if i == maxShown {
				fmt.Fprintf(out, "    ... %d more lines in the JSON file\n", len(f.Report)-i)
				break
			}
			fmt.Fprintf(out, "    %s\n", line)
		}
	}
	fmt.Fprintf(out, "\n%d of %d boots passed, %d failed, %d of them hung; %d checks passed in all\n", s.Passed, s.Done, len(s.Failures), s.Hung, s.Checks)
	if s.Done < s.Boots {
		fmt.Fprintf(out, "%d were not made\n", s.Boots-s.Done)
	}
}
