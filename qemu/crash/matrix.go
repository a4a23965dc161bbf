package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"gasp/internal/command"
	"gasp/qemu"
)

// A job is a cell, or the counting of a class's instructions.
type job struct {
	cell  qemu.Cell
	count bool
}

// An outcome is what became of a job.
type outcome struct {
	job
	result qemu.Result
	counts qemu.Count
	err    error
}

// plan lists what is to be done. Further steps of a class are only known once it has run.
func plan(o *options) (jobs []job) {
	for n := range uint64(o.repeat) {
		for _, class := range o.classes {
			for _, m := range o.machines {
				if class.On == nil || class.On(m) {
					jobs = append(jobs, job{cell: o.cell(class, m, o.seed+n, o.load, o.step)})
				}
			}
		}
	}
	for _, class := range o.classes {
		if o.icount && class.Countable() {
			jobs = append(jobs, job{cell: qemu.Cell{Crash: class}, count: true})
		}
	}
	return jobs
}

// cell is the cell of a seed, as the options want it.
func (o *options) cell(class *qemu.Crash, m qemu.Combination, seed uint64, load bool, step int) qemu.Cell {
	c := qemu.NewCell(class, m, seed, load, step)
	c.Sealed, c.Loss, c.Inflow = o.sealed, o.loss, o.inflow
	return c
}

// moreSteps lists a cell's further steps, when its first one has told how many there are.
func moreSteps(o *options, done *outcome) (jobs []job) {
	c := &done.cell
	if !o.allSteps || done.count || c.Step != 0 {
		return nil
	}
	for step := 1; step < max(c.Crash.Steps, done.result.Steps); step++ {
		jobs = append(jobs, job{cell: o.cell(c.Crash, c.Machine, c.Seed, c.Load, step)})
	}
	return jobs
}

// images gives the files that the machines boot, building them unless there is one already.
func (o *options) images(ctx context.Context) (qemu.Images, error) {
	if o.image != "" {
		if _, err := os.Stat(o.image); err != nil {
			return nil, fmt.Errorf("no image: %w", err)
		}
		return qemu.OneImage(o.machines, o.image), nil
	}
	machines := o.machines
	if o.icount {
		machines = append(slices.Clone(machines), qemu.CountMachine)
	}
	return qemu.BuildImages(ctx, machines, "build/image", "./cmd/image")
}

// run does the jobs, some at a time, and gives each outcome to report, with how many jobs are known of. It ends early when
// the context does, or when QEMU cannot be used at all.
func run(ctx context.Context, o *options, images qemu.Images, report func(outcome, int)) error {
	jobs := plan(o)
	total := len(jobs)
	return command.Each(ctx, jobs, o.jobs, func(ctx context.Context, j job) outcome {
		return do(ctx, j, images)
	}, func(done outcome) ([]job, error) {
		if qemu.Unusable(done.err) {
			return nil, done.err
		}
		more := moreSteps(o, &done)
		total += len(more)
		report(done, total)
		return more, nil
	})
}

func do(ctx context.Context, j job, images qemu.Images) outcome {
	done := outcome{job: j}
	if j.count {
		done.counts, done.err = qemu.CountCrash(ctx, j.cell.Crash, images.For(qemu.CountMachine))
		return done
	}
	done.result, done.err = j.cell.Run(ctx, images.For(j.cell.Machine))
	if done.err != nil {
		done.result.Reason = done.err.Error()
	}
	return done
}

// again is the command line that runs a cell once more.
func again(c *qemu.Cell) string {
	line := fmt.Sprintf("go run ./qemu/crash -classes %s -nics '%v' -seed %d", c.Crash.Class, c.Machine, c.Seed)
	if c.Load {
		line += " -load"
	}
	if c.Sealed {
		line += fmt.Sprintf(" -sealed -loss %d", c.Loss)
	}
	if c.Inflow {
		line += " -inflow"
	}
	if c.Crash.Steps != 0 {
		line += fmt.Sprintf(" -steps %d", c.Step)
	}
	return line
}
