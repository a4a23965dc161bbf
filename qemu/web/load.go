package main

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gasp/internal/webtarget"
)

// stalled is how long a request may have waited when the machine is told to crash.
const stalled = 30 * time.Second

// load is clients that ask at the same time.
type load struct {
	clients []*client
	hush    context.CancelFunc
	all     sync.WaitGroup
	stalls  []string
}

// startLoad starts a client for each of the machine's addresses. They ask until ctx ends.
func startLoad(ctx context.Context, addresses []netip.AddrPort, seed uint64) *load {
	l := new(load)
	ctx, l.hush = context.WithCancel(ctx)
	for n, address := range addresses {
		c := newClient(n, address, seed)
		l.clients = append(l.clients, c)
		l.all.Go(func() { c.run(ctx) })
	}
	return l
}

// look finds requests that wait for too long.
func (l *load) look(now time.Time) {
	for _, c := range l.clients {
		if since := c.waits.Load(); since != 0 && now.Sub(time.Unix(0, since)) > stalled {
			l.stalls = append(l.stalls, fmt.Sprintf("client %d had waited for its request %d since %v", c.number, c.requests, now.Sub(time.Unix(0, since)).Round(time.Second)))
		}
	}
}

// stop ends the clients.
func (l *load) stop() {
	l.hush()
	l.all.Wait()
}

// answers is what came of a load.
type answers struct {
	clients  []*client
	requests int
	bytes    int64
	slowest  time.Duration
	median   time.Duration
	grown    int64           // bytes of heap that the machine took from the first look on
	state    webtarget.State // the latest that a client was told
	problems []string
}

// judge says what came of the load, once it is stopped. Requests whose answer did not come may have failed from the time on
// at which the machine was told to crash, and answers that are wrong at no time.
func (l *load) judge(crash time.Time) (a answers) {
	a.clients, a.problems = l.clients, l.stalls
	var latencies []time.Duration
	for _, c := range l.clients {
		a.requests += c.requests
		a.bytes += c.bytes
		latencies = append(latencies, c.latencies...)
		if c.state.Lines > a.state.Lines {
			a.state = c.state
		}
		a.grown = max(a.grown, int64(c.state.HeapSys)-int64(c.first.HeapSys))
		for _, f := range c.failures {
			if f.corrupt() || f.ended.Before(crash) {
				a.problems = append(a.problems, f.String())
			}
		}
	}
	slices.SortFunc(latencies, cmp.Compare[time.Duration])
	if n := len(latencies); n > 0 {
		a.median, a.slowest = latencies[n/2], latencies[n-1]
	}
	return a
}
