package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"gasp/internal/keys"
	"gasp/netlog/wire"
)

// The number of real senders of each kind.
const (
	talkers = 50
	devices = 50
)

// logHost is where the receiver listens.
var logHost = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 6666)

// A sender is a real one. It says sentences that are numbered from 0 on.
type sender struct {
	host   string // as the receiver calls it
	from   netip.AddrPort
	key    *wire.Key // nil: it speaks the extended format
	boot   [wire.BootSize]byte
	lines  int // a second
	random *rand.Rand

	mu      sync.Mutex // over the rest
	said    uint64     // numbers below were sent
	stalled time.Duration
	repairs int
	err     error
}

// newSenders returns all of them.
func newSenders(o *options) (all []*sender, err error) {
	for i := range talkers + devices {
		s := &sender{lines: o.lines, random: rand.New(rand.NewPCG(o.seed, uint64(i)))}
		s.from = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, 0, byte(1 + i)}), 6665)
		s.host = s.from.Addr().String()
		if i >= talkers {
			s.host = fmt.Sprintf("device-%d", i-talkers)
			key := wire.Key(sha256.Sum256(fmt.Appendf(nil, "flood %d %d", o.seed, i)))
			s.key = &key
			boot := sha256.Sum256(fmt.Appendf(nil, "boot %d %d", o.seed, i))
			copy(s.boot[:], boot[:])
		}
		all = append(all, s)
	}
	return all, nil
}

// writeKeys writes the file with the devices' keys.
func writeKeys(path string, all []*sender) error {
	var b []byte
	for _, s := range all {
		if s.key != nil {
			k := keys.Key{Name: s.host, Secret: *s.key}
			b = k.AppendLine(b)
		}
	}
	return os.WriteFile(path, b, 0o600)
}

// The lengths of what is said, in bytes.
const (
	usualLength = 100
	longLength  = 900  // sealed: nearly a whole datagram
	manyLength  = 2500 // extended: in fragments
	longEvery   = 10
)

// sentence is what the sender says under a number.
func (s *sender) sentence(seq uint64) string {
	length := usualLength
	if seq%longEvery == longEvery-1 {
		length = manyLength
		if s.key != nil {
			length = longLength
		}
	}
	text := fmt.Sprintf("%s says sentence %d;\\\t", s.host, seq)
	return text + strings.Repeat("y", length-len(text))
}

// running is senders that send.
type running struct{ done chan struct{} }

// start lets all senders say something until ctx ends, and the devices then go on until all is acknowledged.
func start(ctx context.Context, all []*sender) *running {
	r := &running{make(chan struct{})}
	var each sync.WaitGroup
	for _, s := range all {
		each.Go(func() {
			err := s.speak(ctx)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.err = err
		})
	}
	go func() {
		each.Wait()
		close(r.done)
	}()
	return r
}

// wait returns when all have ended, or when they have taken too long.
func (r *running) wait(patience time.Duration) {
	select {
	case <-r.done:
	case <-time.After(patience):
	}
}

func (s *sender) speak(ctx context.Context) error {
	conn, err := net.DialUDP("udp4", net.UDPAddrFromAddrPort(s.from), net.UDPAddrFromAddrPort(logHost))
	if err != nil {
		return err
	}
	defer conn.Close()
	if s.key != nil {
		return s.seal(ctx, conn)
	}
	return s.talk(ctx, conn)
}

const (
	// atOnce is how many records a talker says at once, whose datagrams change their order.
	atOnce = 5
	// doubled is the part of datagrams that come twice.
	doubled = 0.3
)

// talk says sentences in the extended format.
func (s *sender) talk(ctx context.Context, conn net.Conn) error {
	every := time.NewTicker(time.Second * atOnce / time.Duration(s.lines))
	defer every.Stop()
	began := time.Now()
	for seq := uint64(0); ; {
		var datagrams [][]byte
		for range atOnce {
			r := wire.Record{Level: 6, Seq: seq, Time: uint64(time.Since(began).Microseconds()), Text: []byte(s.sentence(seq))}
			for _, d := range extended(&r) {
				datagrams = append(datagrams, d)
				if s.random.Float64() < doubled {
					datagrams = append(datagrams, d)
				}
			}
			if seq++; seq == 1 {
				break // the first one makes the sender's numbers known
			}
		}
		s.random.Shuffle(len(datagrams), func(i, j int) { datagrams[i], datagrams[j] = datagrams[j], datagrams[i] })
		before := time.Now()
		for _, d := range datagrams {
			if _, err := conn.Write(d); err != nil {
				return err
			}
		}
		s.mu.Lock()
		s.said = seq
		s.stalled = max(s.stalled, time.Since(before))
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		}
	}
}

// extended returns the datagrams of a record.
func extended(r *wire.Record) (datagrams [][]byte) {
	message := wire.AppendExtended(nil, r)
	for pos := 0; ; {
		d, ok := wire.NextExtended(nil, message, &pos)
		if !ok {
			return datagrams
		}
		datagrams = append(datagrams, d)
	}
}
