package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"gasp/internal/listen"
	"gasp/internal/source"
)

// defaultListen is the port that Linux netconsole sends to, on all addresses of both families.
const defaultListen = ":6666"

// defaultReportsSize is enough for a million usual reports.
const defaultReportsSize = 16 << 30

// leastMemory is enough for some hundred senders.
const leastMemory = 16 << 20

type options struct {
	sinkOptions
	listen         addresses
	sockets        int
	metrics        string
	dir            string
	noStore        bool
	reportsSize    byteSize
	exitAfterCrash bool
	crashTimeout   time.Duration
	timeout        time.Duration
	keys           string
	oneWay         bool
	sealedOnly     bool
	memory         byteSize
}

// addresses is a flag that may be repeated.
type addresses []string

func (a *addresses) String() string { return strings.Join(*a, " ") }

func (a *addresses) Set(s string) error {
	*a = append(*a, s)
	return nil
}

const usage = `receiver shows, checks and stores what machines log over the network.

It reads the formats of Linux netconsole, basic and extended, and syslog datagrams
from any sender, and gasp's sealed format from devices with a key, whom it asks for
what got lost. It prints a line for each record, keeps a log file for each host and
a folder for each crash report, and says whether a report is complete. Records can
go to a file of JSON objects, the systemd journal and other log hosts too. A crash
that comes again, repeated or kept over a reset, is stored once; a report on demand
of a machine that goes on is stored too, and is no crash.

usage: receiver [command] [flags]

`

const exits = `
exit codes: 0 stopped by a signal (with -exit-after-crash: the report is complete),
1 cannot listen or store, 2 wrong usage, 3 the report is incomplete, 4 nothing came

a Linux machine sends here with:
  modprobe netconsole netconsole=+6665@<its-ip>/<device>,6666@<this-ip>/
`

// parseOptions reads the command line. When ok is false, the program ends with code.
func parseOptions(args []string, messages io.Writer) (o *options, code int, ok bool) {
	o = new(options)
	f := flag.NewFlagSet("receiver", flag.ContinueOnError)
	f.SetOutput(messages)
	f.Usage = func() {
		fmt.Fprint(messages, usage, "commands (receiver COMMAND -h tells more):\n")
		for _, c := range commands() {
			fmt.Fprintf(messages, "  %-9s %s\n", c.name, c.summary)
		}
		fmt.Fprint(messages, "\nflags of receive:\n")
		f.PrintDefaults()
		fmt.Fprint(messages, exits)
	}
	f.Var(&o.listen, "listen", "UDP `address` to listen on, may be repeated (default \""+defaultListen+"\", IPv4 and IPv6)")
	f.IntVar(&o.sockets, "sockets", defaultSockets(), "how many sockets each address gets, read at the same time: `n`")
	f.StringVar(&o.metrics, "metrics", "", "TCP `address` to show metrics on, for Prometheus (default: nowhere)")
	f.StringVar(&o.dir, "dir", "", "`folder` to store in (default $XDG_STATE_HOME/gasp or ~/.local/state/gasp)")
	o.sinkOptions.flags(f)
	f.BoolVar(&o.noStore, "no-store", false, "store nothing, only show")
	o.reportsSize = defaultReportsSize
	f.Var(&o.reportsSize, "reports-size", "let the reports of all hosts without a key take this `size` together, 0 for no bound; what comes when it is used up is not stored")
	f.BoolVar(&o.exitAfterCrash, "exit-after-crash", false, "end when the first crash report is closed that was not stored before")
	f.DurationVar(&o.crashTimeout, "crash-timeout", source.DefaultCrashTimeout, "`time` without a record after which a report is closed as incomplete")
	f.StringVar(&o.keys, "keys", "", "`file` with the keys of devices that seal what they send (receiver keygen makes it; read again on SIGHUP)")
	f.BoolVar(&o.oneWay, "one-way", false, "believe sealed datagrams without an answer: where none reaches the devices. What they send can be a recording")
	f.BoolVar(&o.sealedOnly, "sealed-only", false, "refuse what is not sealed under a key")
	o.memory = source.DefaultMemory
	f.Var(&o.memory, "memory", "let all senders together take this `size`; the idlest make way")
	f.DurationVar(&o.timeout, "timeout", 0, "end after this `time` (default never)")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, exitOK, false
	} else if err != nil {
		return nil, exitUsage, false
	}
	if err := o.check(f.Args()); err != nil {
		fmt.Fprintln(messages, "receiver:", err)
		return nil, exitUsage, false
	}
	return o, exitOK, true
}

// check says what is wrong with the options, and fills in the defaults.
func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q (see -h)", rest[0])
	case o.sockets < 1 || o.sockets > listen.MaxSockets:
		return fmt.Errorf("-sockets %d is not 1 to %d", o.sockets, listen.MaxSockets)
	case o.noStore && o.dir != "":
		return errors.New("-dir says where to store, and -no-store not to")
	case o.crashTimeout <= 0:
		return errors.New("-crash-timeout must be more than 0")
	case o.keys == "" && (o.oneWay || o.sealedOnly):
		return errors.New("-one-way and -sealed-only need -keys")
	case o.memory < leastMemory:
		return fmt.Errorf("-memory %s is too small, 16MiB is the least", o.memory.String())
	case o.timeout < 0:
		return errors.New("-timeout must not be negative")
	}
	if err := o.sinkOptions.check(); err != nil {
		return err
	}
	if len(o.listen) == 0 {
		o.listen = addresses{defaultListen}
	}
	if o.noStore {
		o.logs = false
	} else if o.dir == "" {
		dir, err := stateDir()
		if err != nil {
			return err
		}
		o.dir = dir
	}
	return nil
}

// defaultSockets is one for every two processors, the other one being for the rest of the way and for the
// kernel's part of it; but two at least, for the room of two buffers.
func defaultSockets() int {
	const least, most = 2, 4
	return min(max(runtime.GOMAXPROCS(0)/2, least), most)
}

// stateDir is the user's folder for state (XDG Base Directory Specification).
func stateDir() (string, error) {
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "gasp"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("no home folder is known, say where to store with -dir")
	}
	return filepath.Join(home, ".local", "state", "gasp"), nil
}
