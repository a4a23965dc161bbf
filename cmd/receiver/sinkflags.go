package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gasp/internal/journal"
	"gasp/internal/queue"
	"gasp/internal/syslog"
)

// sinkOptions say where what is received goes.
type sinkOptions struct {
	colour     string
	quiet      bool
	logs       bool
	rotateSize byteSize
	rotateAge  time.Duration
	keep       int
	keepSize   byteSize
	logsSize   byteSize
	json       string
	journal    journalPath
	forward    targets
	queue      byteSize
}

const (
	defaultRotateSize = 64 << 20
	defaultRotateAge  = 7 * 24 * time.Hour
	defaultKeep       = 100
	defaultKeepSize   = 1 << 30
	defaultLogsSize   = 16 << 30
	// leastLogsSize is enough for as many hosts as there can be.
	leastLogsSize = 1 << 30
	// leastQueue is enough for the largest record and what is said about it.
	leastQueue = 1 << 20
)

func (o *sinkOptions) flags(f *flag.FlagSet) {
	f.StringVar(&o.colour, "color", "auto", "colours: `when` is auto, always or never; auto looks at the terminal and NO_COLOR")
	f.BoolVar(&o.quiet, "quiet", false, "print no records, only gaps, reboots, bad datagrams and reports")
	f.BoolVar(&o.logs, "logs", true, "keep a log file for each host")
	o.rotateSize, o.keepSize, o.logsSize, o.queue = defaultRotateSize, defaultKeepSize, defaultLogsSize, queue.DefaultLimit
	f.Var(&o.rotateSize, "rotate-size", "begin a host's log anew at this `size`, 0 for never")
	f.DurationVar(&o.rotateAge, "rotate-age", defaultRotateAge, "begin a host's log anew at this `age`, 0 for never")
	f.IntVar(&o.keep, "keep", defaultKeep, "keep this `number` of older logs a host, compressed, 0 for all")
	f.Var(&o.keepSize, "keep-size", "keep older logs of this `size` in all a host, 0 for all")
	f.Var(&o.logsSize, "logs-size", "let the logs of all hosts without a key take this `size` together, 0 for no bound; the host with most loses its oldest")
	f.StringVar(&o.json, "json", "", "write a JSON object for each record to this `file` too; - is standard output, and what is for people goes to standard error")
	f.Var(&o.journal, "journal", "hand records to the systemd journal too; -journal=`socket` for one that listens elsewhere")
	f.Var(&o.forward, "forward", "forward records to this `log host` too, udp://host:port or tcp://host:port, as syslog (RFC 5424); may be repeated")
	f.Var(&o.queue, "queue", "let this `size` wait for each slow output; what comes then is left out there, and counted")
}

func (o *sinkOptions) check() error {
	switch {
	case o.colour != "auto" && o.colour != "always" && o.colour != "never":
		return fmt.Errorf("-color %q is none of auto, always, never", o.colour)
	case o.rotateAge < 0:
		return errors.New("-rotate-age must not be negative; 0 is never")
	case o.keep < 0:
		return errors.New("-keep must not be negative; 0 keeps all")
	case o.logsSize > 0 && o.logsSize < leastLogsSize:
		return fmt.Errorf("-logs-size %s is too small, 1GiB is the least, or 0 for no bound", o.logsSize.String())
	case o.queue < leastQueue:
		return fmt.Errorf("-queue %s is too small, 1MiB is the least", o.queue.String())
	}
	return nil
}

// byteSize is a flag like 64MiB, in bytes.
type byteSize int64

var units = []struct {
	name string
	size byteSize
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// String is the size in the largest unit that leaves no rest.
func (b *byteSize) String() string {
	for _, u := range units {
		if *b >= u.size && *b%u.size == 0 {
			return strconv.FormatInt(int64(*b/u.size), 10) + u.name
		}
	}
	return "0"
}

// Set reads a number of bytes, or of the unit behind it.
func (b *byteSize) Set(s string) error {
	number, factor := s, byteSize(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			number, factor = rest, u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > int64((1<<63-1)/factor) {
		return errors.New("must be a number of bytes, or one with KiB, MiB, GiB or TiB behind it, as in 64MiB")
	}
	*b = byteSize(n) * factor
	return nil
}

// journalPath is a flag that may stand alone.
type journalPath string

func (j *journalPath) String() string { return string(*j) }

// IsBoolFlag lets it stand alone (package flag).
func (j *journalPath) IsBoolFlag() bool { return true }

func (j *journalPath) Set(s string) error {
	switch s {
	case "true":
		s = journal.Socket
	case "false":
		s = ""
	}
	*j = journalPath(s)
	return nil
}

// targets is a flag that may be repeated.
type targets []syslog.Target

func (t *targets) String() string {
	var all []string
	for _, to := range *t {
		all = append(all, to.String())
	}
	return strings.Join(all, " ")
}

func (t *targets) Set(s string) error {
	to, err := syslog.ParseTarget(s)
	if err != nil {
		return err
	}
	if slices.Contains(*t, to) {
		return errors.New("is given twice")
	}
	*t = append(*t, to)
	return nil
}
