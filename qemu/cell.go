package qemu

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gasp/netlog/wire"
)

// Where the machine and the log host are on the wire of a Cell.
var (
	guestAddr = netip.MustParseAddrPort("10.0.2.15:6665")
	logHost   = netip.MustParseAddrPort("10.0.2.2:6666")
)

const (
	// cellDeadline is for a machine that boots, crashes and ends: two or three seconds on a host with time to spare.
	cellDeadline = 45 * time.Second
	cellMemory   = 512     // MiB
	maxDelay     = 200     // ms, of gasp.delay= and of what the host does
	anyStep      = 1 << 12 // the image divides by the number of steps that there are
	maxIgnored   = 3       // requests of ARP that LateARP leaves unanswered

	loadTime = 50 * time.Millisecond // after which there must be lines of the load, on a busy host too
)

// Cell is one crash on one machine. All of it follows from Crash, Machine, Seed and Load.
type Cell struct {
	Crash   *Crash
	Machine Combination
	Seed    uint64
	Load    bool // numbered lines without end until the crash, which a random delay puts off
	Step    int  // gasp.step=, for a class with steps

	Extended bool          // format of the records
	Known    bool          // the command line has the log host's MAC, so that ARP is not needed
	Delay    time.Duration // gasp.delay=
	HostTime time.Duration // from the machine's last words to what the host does
	Ignored  int           // requests of ARP

	// Sealed has the machine seal, with a log host behind a path that loses Loss of a hundred datagrams either way. The
	// format does not matter then.
	Sealed bool
	Loss   int
	// Inflow has frames for the machine come in, one after the other, before, during and after the crash.
	Inflow bool
}

// NewCell makes the cell of a seed. A step below 0 means one that the seed gives.
func NewCell(crash *Crash, machine Combination, seed uint64, load bool, step int) Cell {
	name := fnv.New64a()
	fmt.Fprintf(name, "%s on %v", crash.Class, machine)
	random := rand.New(rand.NewPCG(seed, name.Sum64()))
	delay := func() time.Duration { return time.Duration(random.IntN(maxDelay+1)) * time.Millisecond }
	c := Cell{Crash: crash, Machine: machine, Seed: seed, Load: load, Step: step,
		Extended: random.IntN(2) == 0, Known: random.IntN(2) == 0, Delay: delay(), HostTime: delay()}
	c.Ignored = random.IntN(maxIgnored + 1)
	if given := random.IntN(anyStep); step < 0 {
		c.Step = given
		if crash.Steps > 0 {
			c.Step %= crash.Steps
		}
	}
	if crash.LateARP {
		c.Known = false
		if c.Ignored == 0 {
			c.Ignored = IgnoreAll
		}
	} else {
		c.Ignored = 0
	}
	if !load {
		c.Delay = 0
	}
	return c
}

// Cmdline is what the image gets.
func (c *Cell) Cmdline() string {
	format := ""
	if c.Extended {
		format = "+"
	}
	target := netconsole(format)
	if c.Known {
		target = knownStation(format)
	}
	words := slices.Concat([]string{target, "panic=-1", "gasp.crash=" + c.Crash.Class}, c.Machine.words())
	if c.Crash.Steps != 0 {
		words = append(words, fmt.Sprintf("gasp.step=%d", c.Step))
	}
	if c.Load {
		words = append(words, "gasp.load=1", fmt.Sprintf("gasp.delay=%d", c.Delay.Milliseconds()))
	}
	if c.Sealed {
		words = append(words, "gasp.key="+hex.EncodeToString(cellKey[:]))
	}
	if c.Inflow {
		words = append(words, "gasp.run=2") // QEMU's e1000 takes no frame in its first second
	}
	if c.Crash.Params != "" {
		words = append(words, c.Crash.Params)
	}
	return strings.Join(words, " ")
}

// netconsole gives the parameter that makes logHost the target; format is "" for basic, "+" for extended.
func netconsole(format string) string {
	return fmt.Sprintf("netconsole=%s%d@%s/,%d@%s/", format, guestAddr.Port(), guestAddr.Addr(), logHost.Port(), logHost.Addr())
}

// knownStation is netconsole() with the log host's MAC: nothing waits for ARP.
func knownStation(format string) string {
	return netconsole(format) + Host{Addr: logHost.Addr()}.Hardware().String()
}

// cellKey is the key of machines that seal.
var cellKey = wire.Key([]byte("the key of a machine of a cell.."))

// Result is what became of a Cell.
type Result struct {
	Judgement
	Steps  int           // how many the image has found, for a class with stepsUnknown
	Time   time.Duration // that the run took
	Serial string        // the end of what the machine wrote there
	Said   string        // by QEMU itself
}

// serialEnd is how much of the serial line a Result keeps, bytes.
const serialEnd = 4 << 10

// Run boots image on the cell's machine and judges what arrives. The error is for a machine that could not be started or
// was killed by the context; one that does not end before its deadline is judged.
func (c *Cell) Run(ctx context.Context, image string) (Result, error) {
	var result Result
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr(), Ignore: c.Ignored}}}
	host := &SealedHost{Key: cellKey, Wire: w, Rate: c.Loss, Seed: c.Seed}
	if c.Sealed {
		w.Deliver = host.Receive
	}
	m := Machine{Type: c.Machine.Type, NIC: c.Machine.NIC, Extra: c.Machine.Extra, Wire: w, Image: image,
		Cmdline: c.Cmdline(), Memory: cellMemory, Deadline: or(c.Crash.Deadline, cellDeadline) + c.Machine.firmware()}
	if c.Sealed {
		m.Seed = c.Machine.newSeed()
	}
	r, err := Start(ctx, m)
	if err != nil {
		return result, err
	}
	defer r.Close()
	if c.Inflow {
		defer inflow(r, w)()
	}
	var failed error
	if c.Crash.Host != nil {
		failed = act(ctx, r, w, c)
	}
	exit, ended := r.Wait()
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	var log *Log
	if c.Sealed {
		log = host.Log()
	} else {
		log = ReadLog(w.Datagrams())
	}
	result.Judgement = c.Crash.For(c.Machine).judge(log, len(w.Datagrams()), c.Load && c.Delay >= loadTime)
	result.Steps = steps(log)
	result.Time = time.Since(r.Started)
	result.Serial, result.Said = r.Serial(), r.Messages()
	result.Serial = result.Serial[max(0, len(result.Serial)-serialEnd):]
	for _, err := range []error{failed, ended, c.wire(w), c.end(exit)} {
		if err != nil {
			result.fail(err)
		}
	}
	return result, nil
}

// stopped is what it says before it stops inside a function.
var stopped = regexp.MustCompile(`stops before"? step=(\d+) of=(\d+)`)

// steps reads how many the image has found.
func steps(log *Log) int {
	for _, r := range log.Ordinary {
		if m := stopped.FindSubmatch(r.Text); m != nil {
			n, _ := strconv.Atoi(string(m[2]))
			return min(n, anyStep)
		}
	}
	return 0
}

// fail makes a whole one less.
func (j *Judgement) fail(why error) {
	j.Verdict = min(j.Verdict, HeadlineAlone)
	if j.Reason != "" {
		j.Reason += "; "
	}
	j.Reason += why.Error()
}

// wire finds frames that should not have been, and those that this host failed to look at.
func (c *Cell) wire(w *Wire) error {
	if n := w.Counts(); n.Bad+n.Missed+n.Unrecorded > 0 {
		return fmt.Errorf("%d frames have a wrong length or checksum, %d were lost by this host", n.Bad, n.Missed+n.Unrecorded)
	}
	early := c.Crash.Class == "init" || c.Crash.LateARP // before it takes any
	if c.Inflow && !early && w.answers() == 0 {
		return errors.New("the machine has taken none of the frames that came in")
	}
	return nil
}

// end says how the machine should have ended: with panic=-1 a crash resets it, and main's return switches it off.
func (c *Cell) end(exit Exit) error {
	want := "guest-reset"
	if c.Crash.Class == "return" {
		want = "guest-shutdown"
	}
	if exit.Status == 0 && exit.Reason != want {
		return fmt.Errorf("the machine ended with %q, not %q", exit.Reason, want)
	}
	return nil
}
