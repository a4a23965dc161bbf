// Command bench measures what gasp costs, beside Linux in the same QEMU where it is told of a kit that runs that: the
// instructions of a line, of a crash and of a boot, which are the same on every host and may not get worse than the limits
// in limits.txt; and by the wall clock lines a second, the start, an idle machine, TCP. `make bench` builds what it needs
// and starts it; -h tells about its flags, docs/performance.md about the figures.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"gasp/internal/command"
	"gasp/internal/progress"
)

func main() { command.Main("bench", parse, bench) }

// bench measures, writes to out and saves the results, and says whether no limit is broken and all could be measured.
func bench(ctx context.Context, o *options, out io.Writer) (well bool, err error) {
	limits, err := readLimits(o.limits)
	if err != nil {
		return false, err
	}
	r := newRun(o)
	for _, p := range o.parts {
		r.part = p.name
		if err := p.measure(ctx, r); err != nil && ctx.Err() == nil {
			r.results.Failures = append(r.results.Failures, p.name+": "+err.Error())
		}
		if ctx.Err() != nil {
			break
		}
	}
	r.line.End()
	r.results.Seconds = time.Since(r.results.Started).Seconds()
	broken := limits.judge(r.results.Figures)
	r.results.write(out)
	limits.write(out, broken, o.limits)
	if err := command.Save(o.json, &r.results); err != nil {
		return false, err
	}
	fmt.Fprintln(out, "the same as JSON, with each single value:", o.json)
	if o.update {
		if err := limits.update(o.limits, r.results.Figures); err != nil {
			return false, err
		}
	}
	if ctx.Err() != nil {
		return false, command.ErrInterrupted
	}
	return len(broken) == 0 && len(r.results.Failures) == 0, nil
}

// A run is under way.
type run struct {
	*options
	peers   peers
	results results
	line    *progress.Line
	part    string
	built   map[string]bool // packages whose images are
}

func newRun(o *options) *run {
	return &run{options: o, peers: peers{dir: o.peers}, line: progress.New(os.Stderr), built: map[string]bool{},
		results: results{Started: time.Now().Round(time.Second), Linux: o.peers != ""}}
}

// doing shows what is measured now.
func (r *run) doing(format string, args ...any) {
	r.line.Show(fmt.Sprintf("%s: %s", r.part, fmt.Sprintf(format, args...)))
}

// add takes a figure.
func (r *run) add(f Figure) { r.results.Figures = append(r.results.Figures, f) }
