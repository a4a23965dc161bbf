package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"gasp/internal/hostlog"
	"gasp/internal/journal"
	"gasp/internal/linefile"
	"gasp/internal/ndjson"
	"gasp/internal/queue"
	"gasp/internal/screen"
	"gasp/internal/source"
	"gasp/internal/syslog"
)

const (
	// closePatience is how long a sink has at the program's end for what still waits.
	closePatience = 3 * time.Second
	// givePatience is how long it then has to give it up.
	givePatience = 500 * time.Millisecond
)

// sinks is where what is received goes, each behind a queue of its own.
type sinks struct {
	source.Sinks
	terminal *queue.Queue
	show     *screen.Screen
	queues   []*queue.Queue // those of the others
	logs     *queue.Queue   // the one of hosts, nil without
	hosts    *hostlog.Logs
	cancel   context.CancelFunc
	given    []func() // say what was given up
}

// openSinks opens what the options ask for. What is for people goes to stdout, or to standard error if
// stdout is taken.
func openSinks(o *options, stdout *os.File) (*sinks, error) {
	// A bound on the size of files (setrlimit(2)) is as good as a full disk, and no reason to die.
	signal.Ignore(syscall.SIGXFSZ)
	people := stdout
	if o.json == "-" {
		people = os.Stderr
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &sinks{show: screen.New(people, wantColour(o.colour, people), o.quiet), cancel: cancel}
	s.terminal = s.behind("terminal", s.show, o)
	if o.quiet {
		s.Sinks = source.Sinks{recordless{s.terminal}}
	} else {
		s.Sinks = source.Sinks{s.terminal}
	}
	if err := s.open(ctx, o, stdout); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// behind puts a queue before a sink.
func (s *sinks) behind(name string, sink source.Sink, o *options) *queue.Queue {
	return queue.New(sink, queue.Options{Name: name, Limit: int(o.queue)})
}

func (s *sinks) add(name string, sink source.Sink, o *options) *queue.Queue {
	q := s.behind(name, sink, o)
	s.queues = append(s.queues, q)
	s.Sinks = append(s.Sinks, q)
	return q
}

func (s *sinks) open(ctx context.Context, o *options, stdout *os.File) error {
	if o.logs {
		dir, err := filepath.Abs(o.dir)
		if err != nil {
			return fmt.Errorf("cannot store in %s: %w", o.dir, err)
		}
		s.hosts = hostlog.New(hostlog.Options{Dir: dir, RotateSize: int64(o.rotateSize), RotateAge: o.rotateAge,
			Keep: o.keep, KeepSize: int64(o.keepSize), SharedSize: int64(o.logsSize), Say: s.Say})
		s.logs = s.add("logs", s.hosts, o)
	}
	if o.json != "" {
		var file *linefile.File
		w := ndjson.New(s.Say, func(lines linefile.Options) *linefile.File {
			if o.json == "-" {
				file = linefile.On(stdout, lines)
			} else {
				file = linefile.New(o.json, lines)
			}
			return file
		})
		if err := file.Open(); err != nil {
			return fmt.Errorf("-json: %w", err)
		}
		s.add("json", w, o)
	}
	if path := string(o.journal); path != "" {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("-journal: no systemd journal listens here: %w", err)
		}
		j, err := journal.New(ctx, path, s.Say)
		if err != nil {
			return err
		}
		s.add("journal", j, o)
		s.gives("the journal", j.Lost)
	}
	for _, to := range o.forward {
		f := syslog.New(ctx, to, s.Say)
		s.add(to.String(), f, o)
		s.gives(to.String(), f.Lost)
	}
	return nil
}

// gives lets it be said at the end what a sink gave up.
func (s *sinks) gives(name string, lost func() uint64) {
	s.given = append(s.given, func() {
		if n := lost(); n > 0 {
			s.Say(fmt.Sprintf("%s of records not handed to %s", source.Count(n, "message"), name))
		}
	})
}

// Say shows a line of the receiver's own. Any goroutine may call it.
func (s *sinks) Say(text string) {
	s.terminal.Do(func() { s.show.Say(text) })
}

// AfterLogs calls something when the logs of hosts have written all that they were handed so far, or never
// if they are too far behind; without logs at once.
func (s *sinks) AfterLogs(call func()) {
	if s.logs == nil {
		call()
		return
	}
	s.logs.Do(func() {
		s.hosts.Flush()
		call()
	})
}

// Reopen begins files and connections anew.
func (s *sinks) Reopen() {
	for _, q := range s.queues {
		q.Reopen()
	}
}

// Queues are all there are, for what watches them.
func (s *sinks) Queues() []*queue.Queue { return append([]*queue.Queue{s.terminal}, s.queues...) }

// Close lets the sinks take what still waits, though not for long, and says what they could not.
func (s *sinks) Close() {
	var all sync.WaitGroup
	late := make([]bool, len(s.queues))
	for i, q := range s.queues {
		all.Go(func() { late[i] = !q.Close(closePatience) })
	}
	all.Wait()
	s.cancel()
	for i, q := range s.queues {
		if late[i] && !q.Close(givePatience) {
			s.Say(fmt.Sprintf("%s: given up with %d KiB that wait", q.Name(), q.Waiting()>>10))
		}
		if n := q.Lost(); n > 0 {
			s.Say(fmt.Sprintf("%s: %s left out, it was too slow", q.Name(), source.Count(n, "record")))
		}
	}
	for _, say := range s.given {
		say()
	}
	s.terminal.Close(closePatience)
}

// recordless is a sink that is not told the records.
type recordless struct{ source.Sink }

// Record does nothing.
func (recordless) Record(*source.Record) {}
