package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"gasp/internal/capture"
	"gasp/internal/hostlog"
	"gasp/internal/keys"
	"gasp/internal/report"
	"gasp/internal/screen"
	"gasp/internal/source"
	"gasp/internal/store"
	"gasp/netlog/wire"
)

const replayAbout = `receiver replay reads a capture of datagrams, pcapng or pcap, as if they came now:
those that tcpdump or Wireshark wrote, and a crash's datagrams.pcapng. Times are
those of the capture. It prints what it would have printed then, and stores
nothing unless -dir says where.

usage: receiver replay [flags] FILE...
`

const replayExits = `
exit codes: 0 all was read, 1 a file cannot be read or is damaged, or nothing can
be stored, 2 wrong usage, 3 a crash report in it is incomplete, 4 no record is in it
`

// maxPorts is how many ports are told apart that datagrams went to.
const maxPorts = 1024

func replayCommand(args []string, stdout *os.File, stderr io.Writer) int {
	s := newSubcommand("replay", replayAbout, replayExits, stderr)
	colours := s.colourFlag()
	s.StringVar(&s.dir, "dir", "", "`folder` to store in, as receive does; it should not be the receiver's own (default: nothing is stored)")
	quiet := s.Bool("quiet", false, "print no records, only gaps, reboots, bad datagrams and reports")
	port := s.Uint("port", 6666, "the UDP `port` that the datagrams went to, 0 for any")
	timeout := s.Duration("crash-timeout", source.DefaultCrashTimeout, "`time` without a record after which a report is closed as incomplete")
	keyFile := s.String("keys", "", "`file` with the keys of devices, to read what they sealed; that the recorded boots were alive is not asked for")
	if code, ok := s.parse(args, 1, -1); !ok {
		return code
	}
	colour, err := s.colour(*colours, stdout)
	switch {
	case err != nil:
		return s.usage(err)
	case *port > math.MaxUint16:
		return s.usage(fmt.Errorf("-port %d is not between 0 and %d", *port, math.MaxUint16))
	case *timeout <= 0:
		return s.usage(errors.New("-crash-timeout must be more than 0"))
	}
	options := source.Options{CrashTimeout: *timeout, OneWay: true}
	if *keyFile != "" {
		var warning string
		if options.Keys, warning, err = keys.Load(*keyFile); err != nil {
			return s.fail(err)
		}
		if warning != "" {
			fmt.Fprintln(stderr, warning)
		}
	}
	p := &replay{port: uint16(*port), ports: make(map[uint16]uint64), show: screen.New(stdout, colour, *quiet), close: func() {}}
	var sinks source.Sinks
	if s.dir != "" {
		files, err := store.New(s.dir, 0, p.say)
		if err != nil {
			return s.fail(err)
		}
		logs := hostlog.New(hostlog.Options{Dir: files.Dir(), Say: p.say})
		p.close = func() { files.Close(); logs.Close() }
		sinks = append(sinks, files.Index(), files, logs)
	}
	p.table = source.NewTable(append(sinks, p.show, &p.outcome), options)
	code := exitOK
	for _, path := range byTime(s.rest) {
		if err := p.file(path); err != nil {
			code = s.fail(err)
		}
	}
	p.table.Flush(p.now)
	p.close()
	p.summary()
	p.show.Flush()
	switch {
	case code != exitOK:
		return code
	case p.table.Stats().Records == 0:
		s.fail(fmt.Errorf("no record is in it: %s", p.why()))
		return exitNothing
	case p.outcome.incomplete > 0:
		return exitIncomplete
	}
	return exitOK
}

// replay hands datagrams of captures to a table.
type replay struct {
	table   *source.Table
	show    *screen.Screen
	outcome outcome
	now     time.Time
	port    uint16
	ports   map[uint16]uint64 // of other datagrams
	counts  capture.Counts
	close   func() // what is stored

	mu   sync.Mutex
	said []string // by what stores, to be shown at the end
}

// say takes a message of any goroutine.
func (p *replay) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, text)
}

func (p *replay) file(path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := capture.NewReader(in)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for {
		d, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			p.add(r.Counts())
			return fmt.Errorf("%s: %w", path, err)
		}
		if p.port != 0 && d.To.Port() != p.port {
			if _, known := p.ports[d.To.Port()]; known || len(p.ports) < maxPorts {
				p.ports[d.To.Port()]++
			}
			continue
		}
		p.hear(d)
	}
	p.add(r.Counts())
	return nil
}

// byTime sorts files by the time of their first datagram; what cannot be read comes last.
func byTime(paths []string) []string {
	first := make(map[string]time.Time)
	for _, path := range paths {
		first[path] = firstTime(path)
	}
	return slices.SortedStableFunc(slices.Values(paths), func(a, b string) int { return first[a].Compare(first[b]) })
}

func firstTime(path string) time.Time {
	never := time.Unix(math.MaxInt32, 0)
	in, err := os.Open(path)
	if err != nil {
		return never
	}
	defer in.Close()
	r, err := capture.NewReader(in)
	if err != nil {
		return never
	}
	d, err := r.Next()
	if err != nil {
		return never
	}
	return d.At
}

func (p *replay) add(c capture.Counts) {
	p.counts.Packets += c.Packets
	p.counts.Datagrams += c.Datagrams
	p.counts.Fragments += c.Fragments
	p.counts.Links += c.Links
}

// hear lets the time pass to that of a datagram, and hands it on. The time of a capture may go back;
// that of the table may not.
func (p *replay) hear(d *capture.Datagram) {
	at := d.At
	if !capture.Plausible(at) || !p.now.IsZero() && at.Before(p.now) {
		at = p.now
	}
	for t := p.now.Add(tick); t.Before(at) && p.table.Waiting(); t = t.Add(tick) {
		p.table.Tick(t)
	}
	p.now = at
	data := d.Data[:min(len(d.Data), wire.MaxAccepted+1)]
	p.table.Datagram(&source.Datagram{At: at, From: netip.AddrPortFrom(d.From.Addr().Unmap(), d.From.Port()), Data: data, Size: d.Size})
}

func (p *replay) summary() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range p.said {
		p.show.Say(text)
	}
	s := p.table.Stats()
	if n := p.counts.Fragments; n > 0 {
		p.show.Say(source.Count(n, "fragment") + " of IP datagrams left out")
	}
	if n := p.counts.Links; n > 0 {
		p.show.Say(source.Count(n, "packet") + " of links left out that are not known")
	}
	p.show.Say(fmt.Sprintf("%s of %s: %s from %s, %d missing, %s, %s; %s, %d incomplete",
		source.Count(s.Datagrams, "datagram"), source.Count(p.counts.Packets, "packet"), source.Count(s.Records, "record"), source.Count(s.Sources, "sender"),
		s.Missing, source.Count(s.Duplicates, "duplicate"), source.Count(s.Bad, "bad datagram"), source.Count(p.outcome.reports, "crash report"), p.outcome.incomplete))
}

// why says what was in the captures instead.
func (p *replay) why() string {
	if len(p.ports) == 0 {
		return source.Count(p.counts.Packets, "packet") + ", " + source.Count(p.counts.Datagrams, "UDP datagram")
	}
	ports := slices.SortedFunc(maps.Keys(p.ports), func(a, b uint16) int { return int(p.ports[b]) - int(p.ports[a]) })
	var names []string
	for _, port := range ports {
		names = append(names, fmt.Sprint(port))
	}
	return report.Safe(fmt.Sprintf("the datagrams went to other ports than %d: %s (say -port)", p.port, strings.Join(names[:min(len(names), 8)], ", ")))
}
