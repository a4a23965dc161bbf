package main

import (
	"io"

	"gasp/internal/command"
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
	maxMemory  = 1 << 20 // MiB
)

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	flags := command.NewFlags("flood", usage, "", out)
	flags.Number(&o.seconds, "seconds", 60, 1, maxSeconds, "how long the flood lasts")
	flags.Number(&o.rate, "rate", 20_000, 1, maxRate, "datagrams of invented senders a second, if the machine can")
	flags.Number(&o.sources, "sources", 1_000_000, 1, maxSources, "invented senders")
	flags.Number(&o.lines, "lines", 10, 1, maxLines, "records that each real sender says a second")
	flags.Number(&o.memory, "memory", 256, 1, maxMemory, "how many `MiB` the receiver's process may take")
	flags.Uint64Var(&o.seed, "seed", 1, "of what happens to the real senders' datagrams")
	flags.StringVar(&o.receiver, "receiver", "build/receiver", "the receiver's program, built by make flood")
	flags.StringVar(&o.extra, "flags", "", "further `flags` of the receiver, separated by blanks")
	flags.StringVar(&o.dir, "dir", "", "`folder` in which the receiver stores (default: the one for temporary files)")
	flags.BoolVar(&o.keep, "keep", false, "keep what the receiver stored")
	flags.BoolVar(&o.inside, "inside", false, "run in the namespace that this process is in; the program sets it for itself")
	err = flags.Parse(args)
	return o, err
}
