package netlog

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// A slowHost is a device whose log host acknowledges what came a while ago.
type slowHost struct {
	silentDevice
	mu       sync.Mutex
	opener   *wire.Opener
	session  [wire.BootSize]byte
	delay    time.Duration
	arrived  []arrival
	records  map[uint64]bool
	heard    uint64
	number   uint64
	answered time.Time
	dead     bool
}

type arrival struct {
	at   time.Time
	data []byte
}

func (h *slowHost) Transmit(frame []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.arrived = append(h.arrived, arrival{time.Now(), slices.Clone(frame[plainHeaders:])})
	return nil
}

func (h *slowHost) Commit(at, n int, _ bool) error { return h.Transmit(h.memory[at : at+n]) }

func (h *slowHost) Receive(buf []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if h.dead || now.Sub(h.answered) < time.Millisecond {
		return 0, nil
	}
	for len(h.arrived) > 0 && now.Sub(h.arrived[0].at) >= h.delay {
		status, items, err := h.opener.Open(nil, h.arrived[0].data)
		if err != nil {
			return 0, err
		}
		header, _ := wire.ParseSealedHeader(h.arrived[0].data)
		h.arrived, h.heard = h.arrived[1:], header.Number
		for len(items) > 0 && status.Proof == h.session {
			var item wire.Item
			if item, items, err = wire.NextItem(items); err != nil {
				return 0, err
			}
			h.records[item.Record.Seq] = true
		}
	}
	if h.heard == 0 {
		return 0, nil
	}
	upto := uint64(0)
	for h.records[upto] {
		upto++
	}
	h.number++
	h.answered = now
	return copy(buf, fromHost(h.opener.AppendAnswer(nil, &wire.Answer{Session: h.session, Number: h.number, Heard: h.heard, Upto: upto}))), nil
}

// slowUp is a logger in front of one, by the real clock.
func slowUp(t *testing.T) (*Logger, *slowHost) {
	t.Helper()
	l := New(0)
	l.SetClock(func() int64 { return int64(time.Since(start)) + 1 })
	h := &slowHost{opener: wire.NewOpener(&deviceKey, &deviceBoot), session: [wire.BootSize]byte{1}, delay: 3 * time.Millisecond, records: map[uint64]bool{}}
	if err := l.Start(h, target(), Options{Key: &deviceKey, BootID: deviceBoot}); err != nil {
		t.Fatal(err)
	}
	return l, h
}

// Goroutines that log faster than the log host acknowledges wait for it: nothing is overwritten that it has not got,
// from the first record on.
func TestGoroutinesWaitForTheLogHost(t *testing.T) {
	l, h := slowUp(t)
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 1500 {
				fmt.Fprintf(l, "goroutine %d, line %d\n", g, i)
				if n := l.pending(); n > Records {
					t.Errorf("%d records are not acknowledged", n)
				}
			}
		})
	}
	group.Wait()
	for end := time.Now().Add(10 * time.Second); l.Stats().Acked < l.Stats().Records && time.Now().Before(end); time.Sleep(time.Millisecond) {
		l.Poll()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := l.Stats(); s.Acked != s.Records || len(h.records) != int(s.Records) || s.Dropped > 0 || s.Records != 6001 {
		t.Errorf("the log host has %d records, %+v", len(h.records), s)
	}
}

// They do not wait for one that has gone, nor does anything else than a goroutine.
func TestNobodyWaitsForALogHostThatHasGone(t *testing.T) {
	l, h := slowUp(t)
	for end := time.Now().Add(10 * time.Second); l.Stats().Acked == 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		l.Poll()
	}
	h.mu.Lock()
	h.dead = true
	h.mu.Unlock()
	from := time.Now()
	for i := range 5000 {
		fmt.Fprintf(l, "line %d\n", i)
	}
	if took := time.Since(from); took > ackStale+5*time.Second || l.Stats().Records < 5000 {
		t.Errorf("5000 lines took %v", took)
	}
}

// The first answer is waited for, but not for ever, and not with the link down.
func TestGoroutinesWaitForTheFirstAnswer(t *testing.T) {
	l, d, c := sealedUp(t, 100, 1, nil)
	for i := range 1000 {
		if i == Records/2-1 && l.outpaces() {
			t.Error("half of the ring is something to wait for")
		}
		l.Log(Info, line(i))
	}
	if !l.outpaces() {
		t.Error("a thousand records without an answer are nothing to wait for")
	}
	d.down = true
	c.pass(linkPause)
	l.Poll()
	if l.outpaces() {
		t.Error("a link that is down is something to wait for")
	}
	d.down = false
	c.pass(linkPause)
	l.Poll()
	c.pass(helloPatience)
	if l.outpaces() {
		t.Error("the first answer is waited for for ever")
	}
}
