// Command boots boots cmd/selftest many times, on the machines in turn, and judges what the log host gets: whether each
// boot came to its end with every check passed. A machine that hangs is asked with an NMI what it does. `make boots`
// builds what it needs and starts it; -h tells about its flags.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"gasp/internal/command"
	"gasp/internal/progress"
	"gasp/qemu"
)

func main() { command.Main("boots", parse, boots) }

// boots makes them, writes to out and saves what they show, and says whether all passed.
func boots(ctx context.Context, o *options, out io.Writer) (passed bool, err error) {
	images, err := o.images(ctx)
	if err != nil {
		return false, err
	}
	s, p := newSummary(o), progress.New(os.Stderr)
	fatal := run(ctx, o, images, func(b *boot) {
		s.add(b)
		p.Show(fmt.Sprintf("%d of %d boots, %d failed, about %v left", s.Done, s.Boots, len(s.Failures), progress.Left(time.Since(p.Begun), s.Done, s.Boots)))
	})
	p.End()
	s.Seconds = time.Since(p.Begun).Seconds()
	s.write(out)
	if err := command.Save(o.json, s); err != nil {
		return false, err
	}
	fmt.Fprintln(out, "the same as JSON:", o.json)
	return s.passed(), fatal
}

// images gives the files that the machines boot, building them unless there is one already.
func (o *options) images(ctx context.Context) (qemu.Images, error) {
	if o.image != "" {
		if _, err := os.Stat(o.image); err != nil {
			return nil, fmt.Errorf("no image: %w", err)
		}
		return qemu.OneImage(o.machines, o.image), nil
	}
	return qemu.BuildImages(ctx, o.machines, "build/selftest", "./cmd/selftest")
}

// A boot is one, with what became of it.
type boot struct {
	qemu.Selftest
	result qemu.SelftestResult
	err    error // it could not be started
}

// plan gives the machines their turns, each with a seed of its own.
func plan(o *options) (all []*boot) {
	for n := range o.boots {
		all = append(all, &boot{Selftest: qemu.Selftest{
			Machine: o.machines[n%len(o.machines)], Seed: o.seed + uint64(n), Checks: o.checks, Limit: o.limit}})
	}
	return all
}

// run makes the boots, some at a time, and gives each to report. It ends early when the context does, or when QEMU cannot
// be used at all.
func run(ctx context.Context, o *options, images qemu.Images, report func(*boot)) error {
	return command.Each(ctx, plan(o), o.jobs, func(ctx context.Context, b *boot) *boot {
		b.result, b.err = b.Run(ctx, images.For(b.Machine))
		return b
	}, func(b *boot) ([]*boot, error) {
		if qemu.Unusable(b.err) {
			return nil, b.err
		}
		report(b)
		return nil, nil
	})
}
