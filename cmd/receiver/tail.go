package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"gasp/internal/report"
	"gasp/internal/source"
	"gasp/internal/store"
	"gasp/internal/tail"
)

const tailAbout = `receiver tail prints the end of a host's log and goes on with what is logged,
across its rotation; of all hosts if none is named, those that begin meanwhile too.

usage: receiver tail [flags] [HOST]
`

const tailExits = `
exit codes: 0 ended by a signal, or with -once at the end of the log, 1 the folder
cannot be read, 2 wrong usage, 4 no such host, or with -once no log
`

const (
	// tailPause is how long it waits between two looks at the files.
	tailPause = 200 * time.Millisecond
	// tailHosts is how many looks there are between two looks for new hosts.
	tailHosts = 5
)

func tailCommand(args []string, stdout *os.File, stderr io.Writer) int {
	s := newSubcommand("tail", tailAbout, tailExits, stderr)
	s.dirFlag()
	colours := s.colourFlag()
	lines := s.Int("n", 10, "how many `lines` of the end are printed, of each host")
	once := s.Bool("once", false, "end after those")
	if code, ok := s.parse(args, 0, 1); !ok {
		return code
	}
	colour, err := s.colour(*colours, stdout)
	if err != nil {
		return s.usage(err)
	}
	if *lines < 0 || *lines > tail.MaxLines {
		return s.usage(fmt.Errorf("-n %d is not between 0 and %d", *lines, tail.MaxLines))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f := &following{dir: s.dir, out: stdout, colour: colour, lines: *lines, logs: make(map[string]*tail.Log)}
	defer f.close()
	if len(s.rest) > 0 {
		name := s.rest[0]
		f.only = source.Origin{Device: name}.FileName()
		if info, err := os.Stat(filepath.Join(s.dir, f.only)); err != nil || !info.IsDir() {
			hosts := store.Hosts(s.dir)
			s.fail(fmt.Errorf("%s has no host %q, but %s", s.dir, name, brief(hosts)))
			return exitNothing
		}
	} else if _, err := os.ReadDir(s.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return s.fail(err)
	}
	if err := f.start(); err != nil {
		return s.fail(err)
	}
	if *once {
		if f.printed == 0 {
			fmt.Fprintf(stderr, "%s: nothing is logged in %s\n", s.Name(), filepath.Join(s.dir, f.only))
			return exitNothing
		}
		return exitOK
	}
	ticker := time.NewTicker(tailPause)
	defer ticker.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return exitOK
		case <-ticker.C:
		}
		if n%tailHosts == 0 {
			f.meet()
		}
		if err := f.look(); err != nil {
			return s.fail(err)
		}
	}
}

// following is the logs that are followed.
type following struct {
	dir, only string
	out       io.Writer
	colour    bool
	lines     int
	logs      map[string]*tail.Log // by host
	printed   int
}

func (f *following) close() {
	for _, l := range f.logs {
		l.Close()
	}
}

// meet finds the hosts that are new.
func (f *following) meet() (met []string) {
	hosts := []string{f.only}
	if f.only == "" {
		hosts = store.Hosts(f.dir)
	}
	for _, host := range hosts {
		if f.logs[host] == nil && len(f.logs) < tail.MaxLogs {
			f.logs[host] = tail.New(filepath.Join(f.dir, host))
			met = append(met, host)
		}
	}
	return met
}

// ending is a line of a host's end.
type ending struct{ host, line string }

// start prints the ends of all logs, in the order of their times if they are several.
func (f *following) start() error {
	var all []ending
	for _, host := range f.meet() {
		last, err := f.logs[host].Last(f.lines)
		if err != nil {
			return err
		}
		for _, line := range last {
			all = append(all, ending{host, line})
		}
	}
	slices.SortStableFunc(all, func(a, b ending) int { return strings.Compare(logTime(a.line), logTime(b.line)) })
	for _, e := range all {
		if err := f.print(e.host, e.line); err != nil {
			return err
		}
	}
	return nil
}

// look prints what was logged since the last look.
func (f *following) look() error {
	hosts := make([]string, 0, len(f.logs))
	for host := range f.logs {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	for _, host := range hosts {
		err := f.logs[host].More(func(line string) error { return f.print(host, line) })
		if err != nil {
			return err
		}
	}
	return nil
}

// logTime is the time that a line begins with.
func logTime(line string) string {
	at, _, _ := strings.Cut(line, " ")
	return at
}

// print prints a line, behind the host's name if there may be several.
func (f *following) print(host, line string) error {
	f.printed++
	w := report.Writer{Colour: f.colour}
	if f.only == "" {
		w.Paint(report.Green, host)
		w.Paint("", " ")
	}
	at, text, _ := strings.Cut(line, " ")
	w.Paint(report.Faint, at)
	w.Paint(lineColour(text), " "+text)
	w.End()
	_, err := io.WriteString(f.out, w.String())
	return err
}

// lineColour is that of a log's line without its time, by its level.
func lineColour(text string) string {
	if strings.HasPrefix(text, "-- ") {
		return report.Cyan
	}
	fields := strings.SplitN(text, " ", 3)
	if len(fields) < 3 {
		return ""
	}
	level, _, _ := strings.Cut(fields[1], ",")
	switch level {
	case "emerg", "alert", "crit":
		return report.Bold + ";" + report.Red
	case "err":
		return report.Red
	case "warn":
		return "33"
	case "debug":
		return report.Faint
	}
	return ""
}
