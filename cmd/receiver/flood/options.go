package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

const usage = `Command flood sends to the receiver from a million invented addresses, and judges what becomes of a hundred real senders
beside them. It needs root for a network namespace, in which everything happens. The exit status is 0 if nothing of the
real ones was lost, doubled or out of place and the receiver's memory stayed within its bound, 1 if not, 2 for wrong
usage or without root.

usage: flood [flags]

`

// options are the command line, checked.
type options struct {
	seconds  int
	rate     int // datagrams a second of invented senders
	sources  int // invented
	lines    int // a second, of each real sender
	memory   int // that the receiver may take, MiB
	seed     uint64
	receiver string
	extra    string // flags of the receiver
	dir      string
	keep     bool
	inside   bool // the namespace
}

// The bounds of the flags.
const (
	maxSeconds = 86_400
	maxRate    = 1_000_000
	maxSources = 10_000_000
	maxLines   = 1000
)

// errUsage is wrapped by errors that the flag package has not told the user yet.
var errUsage = errors.New("wrong usage")

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("flood", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	flags.IntVar(&o.seconds, "seconds", 60, "how long the flood lasts")
	flags.IntVar(&o.rate, "rate", 20_000, "datagrams of invented senders a second, if the machine can")
	flags.IntVar(&o.sources, "sources", 1_000_000, "invented senders")
	flags.IntVar(&o.lines, "lines", 10, "records that each real sender says a second")
	flags.IntVar(&o.memory, "memory", 256, "how many `MiB` the receiver's process may take")
	flags.Uint64Var(&o.seed, "seed", 1, "of what happens to the real senders' datagrams")
	flags.StringVar(&o.receiver, "receiver", "build/receiver", "the receiver's program, built by make flood")
	flags.StringVar(&o.extra, "flags", "", "further `flags` of the receiver, separated by blanks")
	flags.StringVar(&o.dir, "dir", "", "`folder` in which the receiver stores (default: the one for temporary files)")
	flags.BoolVar(&o.keep, "keep", false, "keep what the receiver stored")
	flags.BoolVar(&o.inside, "inside", false, "run in the namespace that this process is in; the program sets it for itself")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%w: %q is no flag", errUsage, flags.Arg(0))
	case o.seconds < 1 || o.seconds > maxSeconds:
		return o, fmt.Errorf("%w: -seconds %d, want 1 to %d", errUsage, o.seconds, maxSeconds)
	case o.rate < 1 || o.rate > maxRate:
		return o, fmt.Errorf("%w: -rate %d, want 1 to %d", errUsage, o.rate, maxRate)
	case o.sources < 1 || o.sources > maxSources:
		return o, fmt.Errorf("%w: -sources %d, want 1 to %d", errUsage, o.sources, maxSources)
	case o.lines < 1 || o.lines > maxLines:
		return o, fmt.Errorf("%w: -lines %d, want 1 to %d", errUsage, o.lines, maxLines)
	case o.memory < 1:
		return o, fmt.Errorf("%w: -memory %d, want 1 or more", errUsage, o.memory)
	}
	return o, nil
}
