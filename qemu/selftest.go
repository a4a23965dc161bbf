package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gasp/netlog/wire"
)

// Selftest is one boot of cmd/selftest. All of it follows from Machine and Seed.
type Selftest struct {
	Machine Combination
	Seed    uint64
	Checks  string        // gasp.check=, all if empty
	Fail    bool          // one check fails
	Limit   time.Duration // after it the machine hangs; SelftestLimit if 0
}

// SelftestLimit is for a boot that takes twelve seconds on a host with time to spare.
const SelftestLimit = 4 * time.Minute

const (
	// A machine that hangs is asked with an NMI what it does. Its report takes a second.
	nmiWait = 30 * time.Second
	// What the machine's clock may be off, and how much later than it says something the log host hears it. The
	// real-time clock counts whole seconds.
	maxClockLag = 2 * time.Second
)

// SelftestResult is what became of a boot.
type SelftestResult struct {
	Passed int           // checks
	Failed []string      // what is wrong; empty: nothing
	Hung   bool          // it had to be asked or killed
	Time   time.Duration // that the boot took
	Lag    time.Duration // of the machine's wall clock behind the host's, the least that was seen
	Report []string      // its crash report, if it was one of a failure, or of what a hung machine was doing
	Serial string        // the end of what the machine wrote there
	Said   string        // by QEMU itself
}

// Cmdline is what the image gets.
func (s *Selftest) Cmdline() string {
	target := netconsole([]string{"", "+"}[s.Seed%2])
	if s.Seed/2%2 == 0 {
		target = knownStation([]string{"", "+"}[s.Seed%2])
	}
	words := slices.Concat([]string{target, "panic=-1"}, s.Machine.words(), []string{"--", fmt.Sprintf("gasp.seed=%d", s.Seed)})
	if s.Checks != "" {
		words = append(words, "gasp.check="+s.Checks)
	}
	if s.kind().NoClock {
		words = append(words, "gasp.skip=wallclock")
	}
	if s.Fail {
		words = append(words, "gasp.fail=1")
	}
	return strings.Join(words, " ")
}

// memory in MiB.
func (s *Selftest) memory() int { return []int{256, 512, 1024}[s.Seed%3] }

// cpus is how many processors there are: every other boot has several, if the machine can.
func (s *Selftest) cpus() int {
	n := []int{1, 4, 1, 2}[s.Seed%4]
	if most := s.kind().CPUs; most > 0 {
		n = min(n, most)
	}
	return n
}

// kind is the machine's type; an unknown one is for Start to tell.
func (s *Selftest) kind() MachineType {
	if t, err := TypeOf(s.Machine.Type); err == nil {
		return *t
	}
	return MachineType{}
}

// Run boots the image and judges what arrives. The error is for a machine that could not be started, or was killed by the
// context.
func (s *Selftest) Run(ctx context.Context, image string) (SelftestResult, error) {
	var result SelftestResult
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	limit := or(s.Limit, SelftestLimit) + s.Machine.firmware()
	r, err := Start(ctx, Machine{Type: s.Machine.Type, NIC: s.Machine.NIC, Wire: w, Image: image,
		Extra:   append([]string{"-smp", strconv.Itoa(s.cpus())}, s.Machine.Extra...), // the last -smp counts
		Cmdline: s.Cmdline(), Memory: s.memory(), Deadline: limit + nmiWait})
	if err != nil {
		return result, err
	}
	defer r.Close()
	hangs := time.AfterFunc(limit, func() { r.InjectNMI() })
	exit, ended := r.Wait()
	result.Hung = !hangs.Stop()
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	result.Time = time.Since(r.Started)
	result.judge(w.Datagrams(), r.Started, s.kind().NoClock)
	if result.Hung {
		result.fail("it did not end within %v", limit)
	}
	if ended != nil {
		result.fail("%v", ended)
	} else if !exit.PoweredOff() {
		result.fail("the machine ended with %+v, not by powering off", exit)
	}
	if n := w.Counts(); n.Bad+n.Missed+n.Unrecorded > 0 {
		result.fail("%d frames have a wrong length or checksum, %d were lost by this host", n.Bad, n.Missed+n.Unrecorded)
	}
	result.Serial, result.Said = r.Serial(), r.Messages()
	result.Serial = result.Serial[max(0, len(result.Serial)-serialEnd):]
	return result, nil
}

func (r *SelftestResult) fail(format string, a ...any) {
	r.Failed = append(r.Failed, fmt.Sprintf(format, a...))
}

// What cmd/selftest says.
var (
	selftestPassed = regexp.MustCompile(`selftest: \w+ passed, .* at (\d+)$`)
	selftestEnd    = regexp.MustCompile(`selftest: (\d+) checks passed$`)
	selftestHangs  = regexp.MustCompile(`selftest: \w+ hangs`)
	selftestWrong  = regexp.MustCompile(`selftest: .*(FAILED|failed|hangs|wrong argument)`)
)

// judge reads what the log host got.
func (r *SelftestResult) judge(datagrams []Datagram, started time.Time, noClock bool) {
	log := ReadLog(datagrams)
	r.Failed = append(r.Failed, log.Problems...)
	said, hangs := -1, false
	for _, o := range log.Ordinary {
		text := bytes.TrimRight(o.Text, "\n")
		if hangs = hangs || selftestHangs.Match(text); hangs {
			r.Report = append(r.Report, string(text)) // what all goroutines are doing
		}
		if m := selftestEnd.FindSubmatch(text); m != nil {
			said, _ = strconv.Atoi(string(m[1]))
		}
		if selftestPassed.Match(text) {
			r.Passed++
		}
		if selftestWrong.Match(text) {
			r.fail("%s", text)
		}
	}
	switch {
	case said < 0:
		r.fail("it did not come to its end; %d checks passed", r.Passed)
	case said != r.Passed || said == 0:
		r.fail("%d checks passed, it says %d", r.Passed, said)
	}
	r.judgeReports(log)
	if err := r.judgeClock(datagrams, started); err != nil && !noClock {
		r.fail("%v", err)
	}
}

// judgeReports: a machine that ends well sends one report, of that.
func (r *SelftestResult) judgeReports(log *Log) {
	crashes := slices.DeleteFunc(log.Reports, func(r Report) bool { return r.Headline.Form != wire.Crash })
	if len(crashes) != 1 {
		r.fail("%d reports of an end arrived, not one", len(crashes))
	}
	for _, report := range crashes {
		if cause := string(report.Headline.Cause); cause != "exit status 0" {
			r.fail("it ended with %q", cause)
			r.Report = append(r.Report, fmt.Sprintf("%s at pc=%#x %s", cause, report.Headline.PC, report.Headline.Func))
			r.Report = append(r.Report, report.Lines...)
		}
		if missing := report.Complete(); missing != "" {
			r.fail("%s", missing)
		}
	}
}

var errClock = errors.New("the machine's wall clock is wrong")

// judgeClock compares the times that the machine says with those of arrival. A busy host hears late, so the least lag
// counts.
func (r *SelftestResult) judgeClock(datagrams []Datagram, started time.Time) error {
	var lags []time.Duration
	for _, d := range datagrams {
		record, err := wire.Decode(d.Payload, make([]byte, 0, len(d.Payload)+1))
		if err != nil {
			continue
		}
		if m := selftestPassed.FindSubmatch(bytes.TrimRight(record.Text, "\n")); m != nil {
			said, _ := strconv.ParseInt(string(m[1]), 10, 64)
			lags = append(lags, started.Add(d.Time).Sub(time.Unix(0, said)))
		}
	}
	if len(lags) == 0 {
		return fmt.Errorf("%w: it says no time", errClock)
	}
	if r.Lag = slices.Min(lags); r.Lag.Abs() > maxClockLag {
		return fmt.Errorf("%w: it is %v behind the host's", errClock, r.Lag)
	}
	return nil
}
