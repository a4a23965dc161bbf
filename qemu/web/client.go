package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"gasp/internal/webtarget"
)

const (
	// patience is how long a machine under emulation, on a busy host, may take for an answer.
	patience = time.Minute
	// maxBody is the longest body in bytes that is asked for or echoed, shortest shorter than a segment.
	maxBody = 256 << 10
)

var (
	errStatus = errors.New("the answer's status is wrong")
	errBody   = errors.New("the answer's body is wrong")
)

// client asks the machine for one thing after the other.
type client struct {
	number int
	base   string // the machine's URL
	random *rand.Rand
	http   http.Client

	requests  int
	bytes     int64 // of bodies, both ways
	latencies []time.Duration
	waits     atomic.Int64 // since when for an answer, in nanoseconds of the wall clock; 0: for none
	logged    []string     // texts of records whose request was answered
	maybe     string       // one whose request was not
	failures  []failure
	first     webtarget.State // the machine's, as it was told first and last
	state     webtarget.State
}

// failure is a request without its answer.
type failure struct {
	began, ended time.Time
	what         string
	err          error
}

func (f *failure) String() string {
	return fmt.Sprintf("%s: %v, %v after it was sent", f.what, f.err, f.ended.Sub(f.began).Round(time.Millisecond))
}

// corrupt says that there was an answer, and a wrong one.
func (f *failure) corrupt() bool { return errors.Is(f.err, errStatus) || errors.Is(f.err, errBody) }

// newClient makes the client of a number. Those with an odd one make a new connection for every request.
func newClient(number int, address netip.AddrPort, seed uint64) *client {
	c := &client{number: number, base: "http://" + address.String(), random: rand.New(rand.NewPCG(seed, uint64(number)))}
	c.http.Transport = &http.Transport{DisableKeepAlives: number%2 == 1, DisableCompression: true}
	c.http.Timeout = patience
	return c
}

// kinds are what a client asks for, each as often as its share of all shares.
var kinds = []struct {
	share int
	name  string
	ask   func(*client, context.Context) error
}{
	{30, "GET /", (*client).greet},
	{25, "GET /bytes", (*client).fetch},
	{20, "POST /echo", (*client).echo},
	{20, "POST /log", (*client).log},
	{2, "GET /debug/pprof/goroutine", (*client).profile},
	{3, "GET /state", (*client).askState},
}

// run asks until ctx ends, or an answer does not come.
func (c *client) run(ctx context.Context) {
	defer c.http.CloseIdleConnections()
	shares := 0
	for _, k := range kinds {
		shares += k.share
	}
	for ctx.Err() == nil {
		n, i := c.random.IntN(shares), 0
		for ; n >= kinds[i].share; i++ {
			n -= kinds[i].share
		}
		began := time.Now()
		c.waits.Store(began.UnixNano())
		err := kinds[i].ask(c, ctx)
		c.waits.Store(0)
		if ctx.Err() != nil {
			return
		}
		took := time.Since(began)
		if err != nil {
			c.failures = append(c.failures, failure{began, began.Add(took), fmt.Sprintf("client %d, request %d, %s", c.number, c.requests, kinds[i].name), err})
			return
		}
		c.requests++
		c.latencies = append(c.latencies, took)
	}
}

// do makes a request, and compares the answer.
func (c *client) do(ctx context.Context, method, path string, body []byte, status int, want []byte) error {
	got, err := c.answer(ctx, method, path, body, status)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: %s", errBody, difference(got, want))
	}
	return nil
}

func (c *client) answer(ctx context.Context, method, path string, body []byte, status int) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(io.LimitReader(answer.Body, 2*webtarget.MaxBody))
	if err != nil {
		return nil, err
	}
	c.bytes += int64(len(body) + len(got))
	if answer.StatusCode != status {
		return nil, fmt.Errorf("%w: %s, %.200q", errStatus, answer.Status, got)
	}
	return got, nil
}

// difference says where two bodies differ.
func difference(got, want []byte) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("byte %d of %d is %#x, not %#x; it has %d bytes", i, len(want), got[i], want[i], len(got))
		}
	}
	return fmt.Sprintf("it has %d bytes, not %d", len(got), len(want))
}

// size is that of a body: as often short as long.
func (c *client) size() int {
	bits := c.random.IntN(18) + 1 // up to maxBody
	return min(c.random.IntN(1<<bits+1), maxBody)
}

func (c *client) body() (seed uint64, body []byte) {
	seed, body = c.random.Uint64(), make([]byte, c.size())
	io.ReadFull(webtarget.Body(seed), body)
	return seed, body
}

func (c *client) greet(ctx context.Context) error {
	return c.do(ctx, "GET", "/", nil, http.StatusOK, []byte(webtarget.Greeting))
}

func (c *client) fetch(ctx context.Context) error {
	seed, body := c.body()
	return c.do(ctx, "GET", fmt.Sprintf("/bytes?seed=%d&size=%d", seed, len(body)), nil, http.StatusOK, body)
}

func (c *client) echo(ctx context.Context) error {
	_, body := c.body()
	return c.do(ctx, "POST", "/echo", body, http.StatusOK, body)
}

// log has the machine log a record that no other is equal to.
func (c *client) log(ctx context.Context) error {
	text := fmt.Sprintf("%s%d of client %d", asked, len(c.logged), c.number)
	c.maybe = text
	if err := c.do(ctx, "POST", "/log", []byte(text), http.StatusNoContent, nil); err != nil {
		return err
	}
	c.maybe, c.logged = "", append(c.logged, text)
	return nil
}

// asked begins the records that clients have the machine log.
const asked = "asked to log record "

func (c *client) profile(ctx context.Context) error {
	page, err := c.answer(ctx, "GET", "/debug/pprof/goroutine?debug=1", nil, http.StatusOK)
	if err == nil && !strings.HasPrefix(string(page), "goroutine profile: total ") {
		return fmt.Errorf("%w: %.100q", errBody, page)
	}
	return err
}

func (c *client) askState(ctx context.Context) error {
	page, err := c.answer(ctx, "GET", "/state", nil, http.StatusOK)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(page, &c.state); err != nil {
		return fmt.Errorf("%w: %w: %.200q", errBody, err, page)
	}
	if c.first == (webtarget.State{}) {
		c.first = c.state
	}
	return nil
}
