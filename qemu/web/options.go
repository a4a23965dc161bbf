package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"gasp/internal/command"
	"gasp/qemu"
)

const usage = `Command web boots an image that serves HTTP and logs through the same network device, lets several clients ask it for all that it
has, and makes it crash at a random moment. Every request before has to be answered right, every record to arrive once and in
order, and the crash report whole. The exit status is 0 if every run passed, 1 if one did not or was not made, 2 for wrong usage.

A run follows from its machine, format and seed: the class, the moment, what the clients ask for; not from that, how
fast this host is. What a failure prints makes that run again.

usage: web [flags]

`

// options are the command line, checked.
type options struct {
	runs     int // of each driver
	machines []qemu.Combination
	formats  []string
	classes  []*qemu.Crash
	clients  int
	rate     int // lines a second
	least    int // of the time before the crash, milliseconds
	most     int
	seed     uint64
	image    string
	receiver string
	json     string
	keep     string
}

// The bounds of the flags.
const (
	maxRuns         = 100_000
	maxClients      = 64
	maxRate         = 1_000_000
	maxMilliseconds = 86_400_000
)

// The formats.
const (
	extended = "extended"
	sealed   = "sealed"
)

// usualMachines have both drivers' devices, and more than one processor too.
const usualMachines = "q35 e1000,q35 e1000 -smp 4,q35 virtio-net-pci,microvm virtio-net-device,microvm virtio-net-device -smp 2"

// parse reads the command line; out gets the help and what is wrong with the flags.
func parse(args []string, out io.Writer) (o options, err error) {
	flags := command.NewFlags("web", usage, "", out)
	flags.Number(&o.runs, "n", 4, 1, maxRuns, "crashes of each driver, e1000 and virtio-net")
	nics := flags.String("nics", usualMachines, "the machines: those whose `names` have one of these parts, separated by commas; a whole name means that one only")
	formats := flags.String("formats", extended+","+sealed, "the `formats` in turn")
	classes := flags.String("classes", "", "the `classes` of crashes to choose from, separated by commas; all without")
	flags.Number(&o.clients, "clients", 6, 0, maxClients, "clients at the same time")
	flags.Number(&o.rate, "rate", 10_000, 0, maxRate, "lines that the machine logs a second besides")
	flags.Number(&o.least, "least", 500, 0, maxMilliseconds, "`milliseconds` of load before the crash, at least")
	flags.Number(&o.most, "most", 5000, 0, maxMilliseconds, "`milliseconds` of load before the crash, at most")
	flags.Uint64Var(&o.seed, "seed", 1, "of each driver's first run")
	flags.StringVar(&o.image, "image", "build/web.elf", "the image to boot, built by make web")
	flags.StringVar(&o.receiver, "receiver", "build/receiver", "the receiver's program, built by make web")
	flags.StringVar(&o.json, "json", "build/web.json", "the results' `file`")
	flags.StringVar(&o.keep, "keep", "", "`folder` for what the receiver and the serial line showed in runs that failed (default: it is removed)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.machines, err = qemu.ChooseCombinations(*nics); err != nil {
		return o, fmt.Errorf("%w: -nics: %w", command.ErrUsage, err)
	}
	if err := qemu.AllBoot(o.machines, o.image); err != nil {
		return o, fmt.Errorf("%w: -nics: %w", command.ErrUsage, err)
	}
	if o.classes, err = chooseClasses(*classes); err != nil {
		return o, err
	}
	for name := range strings.SplitSeq(*formats, ",") {
		if !slices.Contains([]string{extended, sealed}, name) {
			return o, fmt.Errorf("%w: -formats: %q is neither %s nor %s", command.ErrUsage, name, extended, sealed)
		}
		o.formats = append(o.formats, name)
	}
	if o.most < o.least {
		return o, fmt.Errorf("%w: -most %d is less than -least %d", command.ErrUsage, o.most, o.least)
	}
	return o, nil
}

// run is one machine and its crash.
type run struct {
	machine qemu.Combination
	format  string
	seed    uint64
	class   *qemu.Crash
	step    int
	moment  time.Duration // from the beginning of the load to the crash
	clients int
	rate    int
	least   int
	most    int
}

// driver is the name of that which a machine's device has.
func driver(m *qemu.Combination) string {
	if strings.HasPrefix(m.NIC, "virtio") {
		return "virtio-net"
	}
	return "e1000"
}

// plan gives each driver its runs. Its machines have turns, and all have the formats in turn.
func plan(o *options) (all []*run) {
	machines := make(map[string][]qemu.Combination)
	for _, m := range o.machines {
		machines[driver(&m)] = append(machines[driver(&m)], m)
	}
	for n := range o.runs {
		for _, name := range []string{"e1000", "virtio-net"} {
			if list := machines[name]; len(list) > 0 {
				all = append(all, newRun(o, list[n%len(list)], o.formats[n/len(list)%len(o.formats)], o.seed+uint64(n)))
			}
		}
	}
	return all
}

// newRun makes the run of a seed.
func newRun(o *options, m qemu.Combination, format string, seed uint64) *run {
	const anyStep = 1 << 12 // the image divides by the number of steps that there are
	random := rand.New(rand.NewPCG(seed, uint64(len(m.String()))))
	r := &run{machine: m, format: format, seed: seed, step: random.IntN(anyStep),
		moment:  time.Duration(o.least+random.IntN(o.most-o.least+1)) * time.Millisecond,
		clients: o.clients, rate: o.rate, least: o.least, most: o.most}
	r.class = o.classes[random.IntN(len(o.classes))]
	if r.class.Steps > 0 {
		r.step %= r.class.Steps
	}
	return r
}

// again is the command line that makes a run once more.
func (r *run) again() string {
	return fmt.Sprintf("go run ./qemu/web -n 1 -nics '%v' -formats %s -classes %s -seed %d -clients %d -rate %d -least %d -most %d",
		r.machine, r.format, r.class.Class, r.seed, r.clients, r.rate, r.least, r.most)
}
