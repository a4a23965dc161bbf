package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gasp/internal/command"
)

const usage = `Command bench measures what gasp costs, beside Linux in the same QEMU. The exit status is 0 if everything could be measured
and no limit is broken, 1 if not, 2 for wrong usage. A figure that is not as wanted is said and fails nothing: by the
wall clock that depends on the host.

Limits are for figures that are instructions, which are the same on every host: one that is more than 5 % above its limit
fails the run.

usage: bench [flags]

`

// options are the command line, checked.
type options struct {
	parts  []part
	peers  string
	repeat int
	lines  int
	limits string
	update bool
	json   string
	dir    string
}

// A part measures some of the figures.
type part struct {
	name, about string
	measure     func(context.Context, *run) error
}

// parts are all that there are, in the order in which they run: what does not depend on the host first.
var parts = []part{
	{"line", "instructions of a line of 100 bytes", measureLines},
	{"first", "instructions from the image's first one to its first record's frame", measureFirst},
	{"crash", "instructions from a fault to the report's first and last frame", measureCrashes},
	{"start", "seconds from the start of QEMU to the first record's frame", measureStart},
	{"rate", "lines a second, and what the network device can send at all", measureRate},
	{"idle", "the host's CPU time for a machine that does nothing", measureIdle},
	{"tcp", "MB/s of the network stack by HTTP, and where the time goes", measureTCP},
}

const (
	maxRepeat   = 100
	maxLines    = 99_999_999
	smallestRun = 1000
)

// errNoPeers says that a folder is not the kit that runs Linux.
var errNoPeers = errors.New("not a kit that runs Linux")

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	after := "\nParts:\n"
	for _, p := range parts {
		after += fmt.Sprintf("  %-6s %s\n", p.name, p.about)
	}
	flags := command.NewFlags("bench", usage, after, out)
	only := flags.String("only", "", "the `parts` to measure, separated by commas; all without")
	flags.StringVar(&o.peers, "peers", "", "the `folder` of a kit that runs Linux's netconsole in the same QEMU (docs/performance.md); without it gasp is measured alone")
	flags.Number(&o.repeat, "repeat", 3, 1, maxRepeat, "how often each side is measured by the wall clock, in turn")
	flags.Number(&o.lines, "lines", 1_000_000, smallestRun, maxLines, "lines that are sent at once for the rate, of which none may be missing")
	flags.StringVar(&o.limits, "limits", "qemu/bench/limits.txt", "the `file` of the limits")
	flags.BoolVar(&o.update, "update", false, "write limits that have become better, and new ones, into that file")
	flags.StringVar(&o.json, "json", "build/bench.json", "the results' `file`")
	flags.StringVar(&o.dir, "dir", "build", "the `folder` for the images that are built")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.parts, err = choose(*only); err != nil {
		return o, fmt.Errorf("%w: -only: %w", command.ErrUsage, err)
	}
	if o.peers != "" {
		if _, err := os.Stat(filepath.Join(o.peers, linuxReady)); err != nil {
			return o, fmt.Errorf("%w: -peers: %w: %w", command.ErrUsage, errNoPeers, err)
		}
	}
	return o, nil
}

// choose gives the parts of a list, all of an empty one.
func choose(list string) (chosen []part, err error) {
	if list == "" {
		return parts, nil
	}
	names := strings.Split(list, ",")
	for _, p := range parts {
		if slices.Contains(names, p.name) {
			chosen = append(chosen, p)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return nil, fmt.Errorf("there is no part %q", name)
		}
	}
	return chosen, nil
}
