// Command selftest checks what a Go program relies on and a port can get wrong:
// preemption, timers, the clock, locks, memory, stacks, faults, registers. With a
// board (the tag tamago) it is an image; without, an ordinary program that shows
// what the same checks say of Linux. It says "selftest: N checks passed", or what
// failed and ends with status 1. Its arguments, or the kernel command line, are
//
//	gasp.check=NAME,NAME  these checks only
//	gasp.skip=NAME,NAME   not these: wallclock, on a machine that does not know the time
//	gasp.procs=N,N        a round of all for each GOMAXPROCS; 0 is what the
//	                      machine has. 0,4 if not given
//	gasp.rounds=N         all of that so often, 1 to 1000
//	gasp.seed=N           the checks in an order that follows from N, each round
//	                      in another
//	gasp.fail=1           one more check, that fails: to see that it is noticed
package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"gasp/board/bootparam"
)

// A check looks at one thing that must hold, in a second or two under emulation.
type check struct {
	name string
	run  func() error
}

var checks = []check{
	{"processors", processors},
	{"spin", spin},
	{"spinlocked", spinLocked},
	{"clock", clock},
	{"wallclock", wallClock},
	{"sleep", sleep},
	{"ticker", ticker},
	{"timers", timers},
	{"channels", channels},
	{"select", selects},
	{"locks", locks},
	{"conditions", conditions},
	{"pool", pool},
	{"churn", churn},
	{"collected", collected},
	{"memory", memory},
	{"stacks", stacks},
	{"faults", faults},
	{"registers", registers},
	{"floats", floats},
	{"crypto", crypto},
	{"blocked", blocked},
	{"locked", locked},
	{"goexit", goexit},
	{"signals", signals},
	{"metrics", readMetrics},
	{"profile", profile},
	{"leftover", leftover},
}

const (
	maxRounds = 1000
	maxProcs  = 256
	// A check takes a second; on a busy host that emulates, many.
	checkLimit = 60 * time.Second
)

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Println("selftest:", err)
		os.Exit(2)
	}
	fmt.Printf("selftest: %s %s/%s, %d CPUs, %v\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.procs)
	random := rand.New(rand.NewPCG(uint64(o.seed), 0))
	passed, failed := 0, 0
	for range o.rounds {
		for _, procs := range o.procs {
			if procs == 0 {
				procs = runtime.NumCPU()
			}
			runtime.GOMAXPROCS(procs)
			if o.seed != 0 {
				random.Shuffle(len(o.checks), func(i, k int) { o.checks[i], o.checks[k] = o.checks[k], o.checks[i] })
			}
			for _, c := range o.checks {
				if perform(c, procs) {
					passed++
				} else {
					failed++
				}
			}
		}
	}
	if failed > 0 {
		fmt.Printf("selftest: %d of %d checks failed\n", failed, passed+failed)
		os.Exit(1)
	}
	fmt.Printf("selftest: %d checks passed\n", passed)
}

// perform runs one check and says how it went, with the time of day: whoever
// reads it compares that with a clock of its own.
func perform(c check, procs int) bool {
	begin := time.Now()
	hangs := time.AfterFunc(checkLimit, func() {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		fmt.Printf("selftest: %s hangs, GOMAXPROCS %d\n%s\n", c.name, procs, stacks)
		os.Exit(1)
	})
	err := c.run()
	hangs.Stop()
	end := time.Now()
	took := end.Sub(begin).Round(time.Millisecond)
	if err != nil {
		fmt.Printf("selftest: %s FAILED, GOMAXPROCS %d, after %v: %v\n", c.name, procs, took, err)
		return false
	}
	fmt.Printf("selftest: %s passed, GOMAXPROCS %d, %v, at %d\n", c.name, procs, took, end.UnixNano())
	return true
}

// options is what the arguments ask for.
type options struct {
	checks []check
	procs  []int
	rounds int
	seed   int // 0: the checks in their order
}

var (
	errArgument = errors.New("wrong argument")
	errAsked    = errors.New("it was asked to")
)

// parse reads the arguments; those of other programs, the kernel's for example,
// are left alone.
func parse(args []string) (o options, err error) {
	line := bootparam.Line(args)
	o = options{checks: slices.Clone(checks), procs: []int{0, 4}, rounds: 1}
	if list, ok := line.Get("gasp.check"); ok {
		o.checks = nil
		for name := range strings.SplitSeq(list, ",") {
			i := slices.IndexFunc(checks, func(c check) bool { return c.name == name })
			if i < 0 {
				return o, fmt.Errorf("%w: there is no check %q", errArgument, name)
			}
			o.checks = append(o.checks, checks[i])
		}
	}
	if list, ok := line.Get("gasp.skip"); ok {
		for name := range strings.SplitSeq(list, ",") {
			i := slices.IndexFunc(o.checks, func(c check) bool { return c.name == name })
			if i < 0 {
				return o, fmt.Errorf("%w: there is no check %q to skip", errArgument, name)
			}
			o.checks = slices.Delete(o.checks, i, i+1)
		}
	}
	if list, ok := line.Get("gasp.procs"); ok {
		o.procs = nil
		for word := range strings.SplitSeq(list, ",") {
			n, err := number("gasp.procs", word, 0, maxProcs)
			if err != nil {
				return o, err
			}
			o.procs = append(o.procs, n)
		}
	}
	if word, ok := line.Get("gasp.rounds"); ok {
		if o.rounds, err = number("gasp.rounds", word, 1, maxRounds); err != nil {
			return o, err
		}
	}
	if word, ok := line.Get("gasp.seed"); ok {
		if o.seed, err = number("gasp.seed", word, 0, math.MaxInt); err != nil {
			return o, err
		}
	}
	if _, ok := line.Get("gasp.fail"); ok {
		o.checks = append(o.checks, check{"fail", func() error { return errAsked }})
	}
	return o, err
}

func number(key, word string, low, high int) (int, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%w: %s=%s is no number from %d to %d", errArgument, key, word, low, high)
	}
	return n, nil
}
