package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"gasp/internal/command"
	"gasp/qemu"
)

const usage = `Command loss boots the demonstration image behind a bad network, and judges what the receiver makes of what arrives.
Lost, doubled and held back are as many datagrams as each rate says, in both directions. The exit status is 0 if every run
passed, 1 if one did not or was not made, 2 for wrong usage.

A run follows from its machine, format, rate and seed, but for the times at which datagrams meet. What a failure prints
makes that run again.

usage: loss [flags]

`

// options are the command line, checked.
type options struct {
	runs     int // of each format and rate
	formats  []string
	rates    []float64
	machines []qemu.Combination
	lines    int
	seed     uint64
	image    string
	receiver string
	keep     string
}

const (
	maxRuns  = 100_000
	maxLines = 1_000_000
)

// The formats.
const (
	sealed   = "sealed"
	extended = "extended"
)

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	flags := command.NewFlags("loss", usage, "", out)
	flags.Number(&o.runs, "n", 50, 1, maxRuns, "runs of each format and rate")
	formats := flags.String("formats", sealed+","+extended, "the `formats`")
	rates := flags.String("rates", "1,10,30,50", "the `rates` in percent")
	nics := flags.String("nics", "q35 e1000,microvm virtio-net-device", "the machines in turn: those whose `names` have one of these parts, separated by commas; a whole name means that one only")
	flags.Number(&o.lines, "lines", 3000, 1, maxLines, "lines that the image logs before it dies")
	flags.Uint64Var(&o.seed, "seed", 1, "of each rate's first run")
	flags.StringVar(&o.image, "image", "build/image.elf", "the image to boot, built by make loss")
	flags.StringVar(&o.receiver, "receiver", "build/receiver", "the receiver's program, built by make loss")
	flags.StringVar(&o.keep, "keep", "", "`folder` for what the receiver wrote in runs that failed (default: it is removed)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.machines, err = qemu.ChooseCombinations(*nics); err != nil {
		return o, fmt.Errorf("%w: -nics: %w", command.ErrUsage, err)
	}
	if err := qemu.AllBoot(o.machines, o.image); err != nil {
		return o, fmt.Errorf("%w: -nics: %w", command.ErrUsage, err)
	}
	for text := range strings.SplitSeq(*rates, ",") {
		rate, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(rate >= 0 && rate < 100) {
			return o, fmt.Errorf("%w: -rates: %q is no percentage from 0 to below 100", command.ErrUsage, text)
		}
		o.rates = append(o.rates, rate/100)
	}
	for name := range strings.SplitSeq(*formats, ",") {
		if !slices.Contains([]string{sealed, extended}, name) {
			return o, fmt.Errorf("%w: -formats: %q is neither %s nor %s", command.ErrUsage, name, sealed, extended)
		}
		o.formats = append(o.formats, name)
	}
	return o, nil
}

// run is one machine behind one bad network.
type run struct {
	format  string
	rate    float64
	machine qemu.Combination
	seed    uint64
	lines   int
}

func plan(o *options) (all []*run) {
	for _, format := range o.formats {
		for _, rate := range o.rates {
			for n := range o.runs {
				all = append(all, &run{format: format, rate: rate, machine: o.machines[n%len(o.machines)], seed: o.seed + uint64(n), lines: o.lines})
			}
		}
	}
	return all
}

// again is the command line that makes a run once more.
func (r *run) again() string {
	return fmt.Sprintf("go run ./qemu/loss -n 1 -formats %s -rates %g -nics '%v' -seed %d -lines %d", r.format, 100*r.rate, r.machine, r.seed, r.lines)
}
