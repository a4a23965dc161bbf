package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"gasp/internal/command"
	"gasp/qemu"
)

const usage = `Command boots boots the self-test image many times, on the machines with their NICs in turn, and judges what the log
host gets. The exit status is 0 if every boot came to its end with all checks passed, 1 if one did not or was not made,
2 for wrong usage.

All of a boot follows from its machine and its seed: the order of the checks, the format of the records, the amount of
memory. The nth boot of -seed S has the seed S+n-1. What a failure prints makes that one boot again.

usage: boots [flags]

`

// options are the command line, checked.
type options struct {
	boots    int
	machines []qemu.Combination
	seed     uint64
	checks   string
	limit    time.Duration
	json     string
	image    string
	jobs     int
}

const (
	maxBoots = 1_000_000
	maxJobs  = 64
)

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	machines := "\nMachines with their NICs; those with a star are the ones without -nics:\n"
	for _, c := range qemu.Combinations {
		machines += fmt.Sprintf("  %c %v\n", map[bool]byte{true: '*', false: ' '}[c.Always], c)
	}
	flags := command.NewFlags("boots", usage, machines, out)
	flags.Number(&o.boots, "n", 200, 1, maxBoots, "boots")
	nics := flags.String("nics", "", "the machines: those whose `names` have one of these parts, separated by commas; a whole name means that one only")
	flags.Uint64Var(&o.seed, "seed", 1, "what the first boot follows from")
	flags.StringVar(&o.checks, "checks", "", "`names` of checks, separated by commas; all without")
	flags.DurationVar(&o.limit, "limit", qemu.SelftestLimit, "how long a boot may take before it counts as hung")
	flags.StringVar(&o.json, "json", "build/boots.json", "the results' `file`")
	flags.StringVar(&o.image, "image", "", "the `file` of the image to boot, for machines that boot the same one; without, build/selftest with each machine's ending is built")
	flags.Number(&o.jobs, "jobs", 1, 1, maxJobs, "machines at a time; more than there are CPUs make each of them slow and uneven, which is a test of its own")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if *nics == "" {
		o.machines = slices.DeleteFunc(slices.Clone(qemu.Combinations), func(c qemu.Combination) bool { return !c.Always })
	} else if o.machines, err = qemu.ChooseCombinations(*nics); err != nil {
		return o, fmt.Errorf("%w: -nics: %w", command.ErrUsage, err)
	}
	if err := qemu.AllBoot(o.machines, o.image); o.image != "" && err != nil {
		return o, fmt.Errorf("%w: -image: %w", command.ErrUsage, err)
	}
	switch {
	case o.seed > math.MaxInt64-maxBoots:
		return o, fmt.Errorf("%w: -seed %d, want at most %d", command.ErrUsage, o.seed, math.MaxInt64-maxBoots)
	case o.limit <= 0:
		return o, fmt.Errorf("%w: -limit %v", command.ErrUsage, o.limit)
	}
	return o, nil
}
