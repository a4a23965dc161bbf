package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"gasp/internal/command"
	"gasp/qemu"
	"gasp/toolchain"
)

const usage = `Command stdtest builds the tests of the Go standard library's packages into images, from the GOROOT of the Go that images
are built with, boots them, and says what passed. What is expected to fail and what is not run, and why, is in
expected.txt beside its source. The exit status is 0 if all is as expected, 1 if not, 2 for wrong usage.

usage: stdtest [flags] [packages]

Packages are as go list takes them; without any, all of std.

`

// options are the command line, checked.
type options struct {
	patterns []string
	board
	jobs     int
	cpus     int // of a machine
	timeout  time.Duration
	json     string
	short    bool
	verbose  bool
	run      string
	root     string // of this module
	expected []*expectation
}

// board is what the tests of an architecture run on.
type board struct {
	machine *qemu.MachineType
	ending  string // of the image's name: what that is decides whether the loader takes a file beside
	baked   bool   // it takes none: files are part of the image
}

// boards are the architectures' machines, by their types.
var boards = map[string]board{
	"amd64": {typeOf("q35"), ".elf", false},
	"arm64": {typeOf("virt"), ".bin", false},
	"arm":   {typeOf("mcimx6ul-evk"), ".elf", true},
}

// typeOf finds a type that there is.
func typeOf(name string) *qemu.MachineType {
	t, err := qemu.TypeOf(name)
	if err != nil {
		panic(err)
	}
	return t
}

const (
	maxJobs    = 64
	maxCPUs    = 8
	minTimeout = 5 * time.Second
)

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	flags := command.NewFlags("stdtest", usage, "", out)
	flags.Number(&o.jobs, "jobs", min(runtime.NumCPU(), 2), 1, maxJobs, "packages at a time")
	arch := flags.String("arch", toolchain.DefaultArch, "the `architecture` of the machine: amd64, arm64 or arm")
	flags.Number(&o.cpus, "cpus", 1, 1, maxCPUs, "processors a machine has")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Minute, "how long a boot may take")
	flags.StringVar(&o.json, "json", "", "write the results to this `file` too")
	flags.BoolVar(&o.short, "short", true, "run the tests in short mode")
	flags.BoolVar(&o.verbose, "v", false, "also say what was skipped and what failed as expected, and why")
	flags.StringVar(&o.run, "run", "", "only the tests that match this `regexp`, as go test -run has it")
	if err := flags.ParseSome(args); err != nil {
		return o, err
	}
	if o.patterns = flags.Args(); len(o.patterns) == 0 {
		o.patterns = []string{"std"}
	}
	board, ok := boards[*arch]
	if !ok {
		return o, fmt.Errorf("%w: -arch %s, want amd64, arm64 or arm", command.ErrUsage, *arch)
	}
	o.board = board
	if most := board.machine.CPUs; most > 0 && o.cpus > most {
		return o, fmt.Errorf("%w: -cpus %d, and %s has %d", command.ErrUsage, o.cpus, board.machine.Name, most)
	}
	if o.timeout < minTimeout {
		return o, fmt.Errorf("%w: -timeout %v, want %v at least", command.ErrUsage, o.timeout, minTimeout)
	}
	return o, nil
}
