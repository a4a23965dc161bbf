package main

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"gasp/internal/keys"
	"gasp/internal/listen"
	"gasp/internal/metrics"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

// tick is how often what waits is looked at.
const tick = 25 * time.Millisecond

// receive runs until a signal, the timeout or the awaited crash report, and returns the exit code.
func receive(o *options, stdout *os.File, stderr io.Writer) (code int, err error) {
	r := &receiver{
		options:  o,
		signals:  make(chan os.Signal, 4),
		stir:     make(chan struct{}, 1),
		finished: make(chan struct{}),
	}
	if r.show, err = openSinks(o, stdout); err != nil {
		return exitError, err
	}
	// Last of all: how far devices were heard is noted when what they said is written.
	defer func() { r.sealing.sessions.end(stderr) }()
	defer r.show.Close()
	sinks := source.Sinks{r.show, &r.outcome}
	if !o.noStore {
		if r.reports, err = openReports(o, r.show.Say); err != nil {
			return exitError, err
		}
		defer r.reports.Close()
		sinks = append(r.reports.Sinks(), sinks...)
	}
	table := source.Options{CrashTimeout: o.crashTimeout, Memory: int(o.memory), Answer: r.answer}
	if r.sealing, err = newSealing(o, r.show.Say, &table); err != nil {
		return exitError, err
	}
	r.table = source.NewTable(sinks, table)
	if r.sockets, err = listen.Listen(o.listen, listen.Options{Sockets: o.sockets, Keep: wire.MaxAccepted + 1}); err != nil {
		return exitError, err
	}
	defer r.sockets.Close()
	if o.metrics != "" {
		server, err := metrics.Serve(o.metrics, r.metrics())
		if err != nil {
			return exitError, err
		}
		defer server.Close()
		r.show.Say("metrics on http://" + server.Address() + metrics.Path)
	}
	signal.Notify(r.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	r.run()
	return r.code(), nil
}

// receiver is the parts of a running receiver.
type receiver struct {
	options *options
	show    *sinks
	reports *reports // nil: nothing is stored
	sealing sealing
	sockets *listen.Listener
	signals chan os.Signal
	// stir wakes wait when something waits and the clock stands; finished is closed when the report has
	// come that the receiver was started for.
	stir, finished chan struct{}
	drops          drops

	mu      sync.Mutex // over the rest
	table   *source.Table
	outcome outcome
	ticked  time.Time   // the table's clock
	latest  []time.Time // of a datagram, by socket
	ticking bool
	ended   bool // finished is closed
}

// run receives until there is a reason to end, and says how it was.
func (r *receiver) run() {
	r.greet()
	r.sockets.Start(r.take)
	r.wait()
	r.sockets.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.table.Flush(later(r.ticked, time.Now()))
	r.sealing.sessions.keep(r.table.Sessions())
	r.summary()
}

func (r *receiver) greet() {
	size := r.sockets.BufferSize()
	r.show.Say(fmt.Sprintf("listening on %s (kernel buffer %d KiB)", strings.Join(r.sockets.Addresses(), ", "), size>>10))
	if text := bufferText(size); text != "" {
		r.show.Say(text)
	}
	if r.reports == nil {
		r.show.Say("storing nothing")
	} else {
		r.show.Say("storing in " + r.reports.files.Dir())
	}
	if r.sealing.about != "" {
		r.show.Say(r.sealing.about)
	}
}

// wait returns when there is a reason to end.
func (r *receiver) wait() {
	var deadline <-chan time.Time
	if r.options.timeout > 0 {
		deadline = time.After(r.options.timeout)
	}
	clock := time.NewTicker(tick)
	clock.Stop()
	second := time.NewTicker(savePause)
	defer second.Stop()
	minute := time.NewTicker(dropsPeriod)
	defer minute.Stop()
	for {
		select {
		case <-r.stir:
			clock.Reset(tick)
		case now := <-clock.C:
			if !r.tick(now) {
				clock.Stop()
			}
		case now := <-second.C:
			r.remember(now)
		case <-minute.C:
			if text := r.drops.text(r.sockets.Drops(), r.sockets.BufferSize()); text != "" {
				r.show.Say(text)
			}
		case <-r.finished:
			return
		case <-deadline:
			return
		case s := <-r.signals:
			if s != syscall.SIGHUP {
				return
			}
			r.reopen()
		}
	}
}

// take is called by every socket's reader. Whose turn it is gives the table a whole batch.
func (r *receiver) take(batch []listen.Datagram) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range batch {
		if r.ended {
			return
		}
		d := (*source.Datagram)(&batch[i])
		d.At = r.arrived(d)
		r.table.Datagram(d)
		r.look()
	}
	if !r.ticking && r.table.Waiting() {
		r.ticking = true
		r.stir <- struct{}{}
	}
}

// look ends the receiver when the report has come that it was started for.
func (r *receiver) look() {
	if r.options.exitAfterCrash && r.outcome.reports > 0 && !r.ended {
		r.ended = true
		close(r.finished)
	}
}

// arrived makes the time of a datagram one that does not go back for its sender, all of whose datagrams come through
// one socket: not from one to the next, and not behind what was ticked.
func (r *receiver) arrived(d *source.Datagram) time.Time {
	for len(r.latest) <= d.Via {
		r.latest = append(r.latest, time.Time{})
	}
	at := &r.latest[d.Via]
	*at = later(*at, later(d.At, r.ticked))
	return *at
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// tick closes what has waited long enough, and says whether to tick on.
func (r *receiver) tick(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ticked = later(r.ticked, r.sockets.Until(now))
	r.table.Tick(r.ticked)
	r.look()
	r.ticking = r.table.Waiting()
	return r.ticking
}

// reopen has files that were moved away begin anew.
func (r *receiver) reopen() {
	if r.reports != nil {
		r.reports.queue.Reopen()
	}
	r.show.Reopen()
	r.sealing.reload(func(list []keys.Key) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.table.SetKeys(list, r.ticked)
	})
}

// remember notes how far devices were heard, once what they said is written.
func (r *receiver) remember(now time.Time) {
	s := r.sealing.sessions
	if !s.due(now) {
		return
	}
	r.mu.Lock()
	list := r.table.Sessions()
	r.mu.Unlock()
	r.show.AfterLogs(func() { s.save(list, now) })
}

// answer sends what the table answers a device. One that cannot be sent is like one that is lost: the device
// asks again.
func (r *receiver) answer(via int, to netip.AddrPort, datagram []byte) {
	r.sockets.Send(via, to, datagram)
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
