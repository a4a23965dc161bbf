package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"gasp/internal/command"
	"gasp/qemu"
)

const usage = `Command crash makes the machine die in every way that the image knows, on every machine with every NIC, and judges what
the log host gets: the whole report, a headline, or nothing. The exit status is 0 if every cell is whole, 1 if one is not
or was not run, 2 for wrong usage.

usage: crash [flags]

All of a run follows from its seed, its class and its machine: the format (basic or extended), whether the log host's
MAC is given or asked for, the delays, the step. The nth repetition of -seed S has the seed S+n-1. What a failure
prints runs that one cell again.

`

// options are the command line, checked.
type options struct {
	classes  []*qemu.Crash
	machines []qemu.Combination
	repeat   int
	seed     uint64
	json     string
	image    string
	jobs     int
	load     bool
	icount   bool
	step     int  // below 0: the seed's
	allSteps bool // every one that there is
	sealed   bool
	loss     int
	inflow   bool
}

const (
	maxRepeat = 100_000
	maxJobs   = 64
	maxLoss   = 50
)

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	there := fmt.Sprintf("\nClasses: %s\n\nMachines with their NICs:\n", strings.Join(classNames(), " "))
	for _, c := range qemu.Combinations {
		there += fmt.Sprintf("  %v\n", c)
	}
	flags := command.NewFlags("crash", usage, there, out)
	classes := flags.String("classes", "", "the classes to run, separated by commas `a,b`; all without")
	nics := flags.String("nics", "", "the machines to run them on: those whose `names` have one of these parts, separated by commas; a whole name means that one only; all without")
	steps := flags.String("steps", "random", "for classes that die at one of several places, `which`: all, random, or the number of one")
	flags.Number(&o.repeat, "repeat", 1, 0, maxRepeat, "runs of every cell; 0 runs none, for -icount alone")
	flags.Uint64Var(&o.seed, "seed", 1, "what the runs follow from")
	flags.StringVar(&o.json, "json", "build/crash.json", "the results' `file`")
	flags.StringVar(&o.image, "image", "", "the `file` of the image to boot, for machines that boot the same one; without, build/image with each machine's ending is built")
	flags.Number(&o.jobs, "jobs", min(runtime.NumCPU(), maxJobs), 1, maxJobs, "machines at a time")
	flags.BoolVar(&o.load, "load", false, "the image logs without end until it dies, after 0 to 200 ms; without this flag that is so if -repeat is more than 1")
	flags.BoolVar(&o.icount, "icount", false, "also count the instructions to each class's first and last frame, once, on q35 with e1000")
	flags.BoolVar(&o.sealed, "sealed", false, "the machine seals what it sends, and a log host asks for what it misses")
	flags.Number(&o.loss, "loss", 0, 0, maxLoss, "with -sealed: how many of a hundred datagrams the path loses, doubles and delays, either way")
	flags.BoolVar(&o.inflow, "inflow", false, "frames for the machine come in without a break, before, during and after the crash")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	given := false
	flags.Visit(func(f *flag.Flag) { given = given || f.Name == "load" })
	if !given {
		o.load = o.repeat > 1
	}
	if o.classes, err = chooseClasses(*classes); err != nil {
		return o, err
	}
	if o.machines, err = qemu.ChooseCombinations(*nics); err != nil {
		return o, fmt.Errorf("%w: -nics: %w", command.ErrUsage, err)
	}
	if err := qemu.AllBoot(o.machines, o.image); o.image != "" && err != nil {
		return o, fmt.Errorf("%w: -image: %w", command.ErrUsage, err)
	}
	switch {
	case o.loss > 0 && !o.sealed:
		return o, fmt.Errorf("%w: -loss %d without -sealed", command.ErrUsage, o.loss)
	case o.repeat == 0 && !o.icount:
		return o, fmt.Errorf("%w: with -repeat 0 and without -icount there is nothing to do", command.ErrUsage)
	}
	switch *steps {
	case "random":
		o.step = -1
	case "all":
		o.allSteps = true
	default:
		if o.step, err = strconv.Atoi(*steps); err != nil || o.step < 0 {
			return o, fmt.Errorf("%w: -steps %q, want all, random or a number from 0", command.ErrUsage, *steps)
		}
	}
	return o, nil
}

func classNames() (names []string) {
	for _, c := range qemu.Crashes {
		names = append(names, c.Class)
	}
	return names
}

func chooseClasses(list string) (chosen []*qemu.Crash, err error) {
	names := classNames()
	if list != "" {
		names = strings.Split(list, ",")
	}
	for _, name := range names {
		i := slices.IndexFunc(qemu.Crashes, func(c qemu.Crash) bool { return c.Class == strings.TrimSpace(name) })
		if i < 0 {
			return nil, fmt.Errorf("%w: no class %q; there are %s", command.ErrUsage, name, strings.Join(classNames(), " "))
		}
		if !slices.Contains(chosen, &qemu.Crashes[i]) {
			chosen = append(chosen, &qemu.Crashes[i])
		}
	}
	return chosen, nil
}
