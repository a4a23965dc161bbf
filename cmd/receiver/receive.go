package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"gasp/internal/listen"
	"gasp/internal/screen"
	"gasp/internal/source"
	"gasp/internal/store"
	"gasp/netlog/wire"
)

const (
	// tick is how often what waits is looked at.
	tick = 25 * time.Millisecond
	// batch is how many datagrams are taken between two looks at everything else.
	batch = 256
)

// receive runs until a signal, the timeout or the awaited crash report, and returns the exit code.
func receive(o *options, stdout *os.File) (code int, err error) {
	queue := screen.NewQueue(stdout)
	defer queue.Close()
	show := screen.New(queue, wantColour(o.colour, stdout), o.quiet)

	files, err := store.New(o.dir, show.Say)
	if err != nil {
		return exitError, err
	}
	defer files.Close()
	sockets, err := listen.Listen(o.listen, wire.MaxAccepted+1)
	if err != nil {
		return exitError, err
	}
	defer sockets.Close()

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	show.Say(fmt.Sprintf("listening on %s (kernel buffer %d KiB)", strings.Join(sockets.Addresses(), ", "), sockets.BufferSize()>>10))
	show.Say("storing in " + files.Dir())

	r := &receiver{
		options: o,
		show:    show,
		files:   files,
		sockets: sockets,
		signals: signals,
	}
	table := source.Options{CrashTimeout: o.crashTimeout}
	if r.sealing, err = newSealing(o, show.Say, sockets.Send, &table); err != nil {
		return exitError, err
	}
	r.table = source.NewTable(source.Sinks{files, show, &r.outcome}, table)
	r.run()
	r.table.Flush(time.Now())
	r.remember(time.Now(), true)
	r.summary()
	return r.code(), nil
}

// receiver is the parts of a running receiver.
type receiver struct {
	options *options
	show    *screen.Screen
	files   *store.Store
	sockets *listen.Listener
	table   *source.Table
	signals chan os.Signal
	sealing *sealing
	outcome outcome
	dropped uint64 // by the kernel, as far as said
}

func (r *receiver) run() {
	var deadline <-chan time.Time
	if r.options.timeout > 0 {
		deadline = time.After(r.options.timeout)
	}
	timer := time.NewTicker(tick)
	timer.Stop()
	for ticking := false; !r.done(); {
		if ticking != r.table.Waiting() {
			if ticking = !ticking; ticking {
				timer.Reset(tick)
			} else {
				timer.Stop()
			}
		}
		select {
		case d := <-r.sockets.Datagrams():
			r.take(d)
		case now := <-timer.C:
			r.table.Tick(now)
		case <-deadline:
			return
		case s := <-r.signals:
			if s != syscall.SIGHUP {
				return
			}
			r.files.Close()
			r.sealing.reload(r.table, time.Now())
		}
		r.remember(time.Now(), false)
		if len(r.sockets.Datagrams()) == 0 {
			r.files.Flush()
			r.drops()
		}
	}
}

// remember notes how far devices were heard, once what they said is written.
func (r *receiver) remember(now time.Time, last bool) {
	if s := r.sealing.sessions; s.due(now) || last && s != nil {
		r.files.Flush()
		s.save(r.table.Sessions(), now, last)
	}
}

// take takes a datagram and those that wait behind it, up to a batch.
func (r *receiver) take(d listen.Datagram) {
	r.table.Datagram(&source.Datagram{At: d.At, From: d.From, Via: d.Via, Data: d.Data, Size: d.Size})
	for range min(batch, len(r.sockets.Datagrams())) {
		if r.done() {
			return
		}
		d = <-r.sockets.Datagrams()
		r.table.Datagram(&source.Datagram{At: d.At, From: d.From, Via: d.Via, Data: d.Data, Size: d.Size})
	}
}

// done says whether the report that the receiver was started for has come.
func (r *receiver) done() bool { return r.options.exitAfterCrash && r.outcome.reports > 0 }

// drops says when the kernel had to drop datagrams.
func (r *receiver) drops() {
	if n := r.sockets.Drops(); n > r.dropped {
		r.show.Say(fmt.Sprintf("the kernel dropped %s, its buffer of %d KiB was full (see net.core.rmem_max)", source.Count(n-r.dropped, "datagram"), r.sockets.BufferSize()>>10))
		r.dropped = n
	}
}

func (r *receiver) summary() {
	s := r.table.Stats()
	if n := r.sockets.Errors(); n > 0 {
		r.show.Say(source.Count(n, "failed reception"))
	}
	if r.outcome.asked > 0 || s.Repeats > 0 {
		r.show.Say(fmt.Sprintf("%s of machines that went on, %s", source.Count(r.outcome.asked, "report"), source.Count(s.Repeats, "repeated headline")))
	}
	if text := refusals(&s); text != "" {
		r.show.Say(text)
	}
	r.show.Say(fmt.Sprintf("%s from %s, %d missing, %s, %s, %d dropped by the kernel; %s, %d incomplete",
		source.Count(s.Records, "record"), source.Count(s.Sources, "sender"), s.Missing, source.Count(s.Duplicates, "duplicate"),
		source.Count(s.Bad, "bad datagram"), r.sockets.Drops(), source.Count(r.outcome.reports, "crash report"), r.outcome.incomplete))
}

func (r *receiver) code() int {
	switch {
	case r.options.exitAfterCrash && r.outcome.reports == 0:
		return exitNothing
	case r.options.exitAfterCrash && !r.outcome.complete:
		return exitIncomplete
	case r.options.timeout > 0 && !r.options.exitAfterCrash && r.table.Stats().Records == 0:
		return exitNothing
	}
	return exitOK
}
