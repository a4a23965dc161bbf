// Package lossy is a bad network for tests: a UDP proxy on loopback that loses, doubles and reorders
// datagrams in both directions, at rates and in an order that a seed decides.
package lossy

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Rates says how bad the network is, each from 0 to 1.
type Rates struct {
	Loss, Duplicate, Reorder float64
}

// Direction is where a datagram goes.
type Direction int

// The directions.
const (
	Forth Direction = iota // to the target
	Back                   // to whoever sent to the proxy
)

// Fate is what became of a datagram.
type Fate struct {
	Direction Direction
	Payload   []byte // only valid during the call
	Copies    int    // 0: it was lost
}

// delayMost is how long a datagram that is reordered may be held back.
const delayMost = 20 * time.Millisecond

const largest = 65535

// Proxy hands datagrams on between the target and any number of senders, each of which the target
// sees behind an address of its own.
type Proxy struct {
	rates  Rates
	target netip.AddrPort
	in     *net.UDPConn
	tap    func(Fate)

	mu      sync.Mutex
	random  [2]*rand.Rand // a direction each, so that their order does not matter
	paths   map[netip.AddrPort]*net.UDPConn
	closed  bool
	counts  [2]Counts
	readers sync.WaitGroup
	delayed sync.WaitGroup
}

// Counts of datagrams in one direction.
type Counts struct{ Came, Lost, Doubled, Delayed uint64 }

// New opens a proxy on a free port of 127.0.0.1. The tap, if not nil, is told of every datagram before it
// is handed on, one at a time.
func New(target netip.AddrPort, r Rates, seed uint64, tap func(Fate)) (*Proxy, error) {
	in, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	enlarge(in)
	p := &Proxy{rates: r, target: target, in: in, tap: tap, paths: make(map[netip.AddrPort]*net.UDPConn)}
	for d := range p.random {
		p.random[d] = rand.New(rand.NewPCG(seed, uint64(d)))
	}
	p.readers.Go(p.forth)
	return p, nil
}

// Addr is where senders send to.
func (p *Proxy) Addr() netip.AddrPort { return p.in.LocalAddr().(*net.UDPAddr).AddrPort() }

// Counts returns what was counted so far.
func (p *Proxy) Counts(d Direction) Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[d]
}

// Close ends the proxy, after what it holds back has been handed on.
func (p *Proxy) Close() {
	p.delayed.Wait()
	p.mu.Lock()
	p.closed = true
	p.in.Close()
	for _, path := range p.paths {
		path.Close()
	}
	p.mu.Unlock()
	p.readers.Wait()
}

// enlarge gives a socket a large buffer, as far as that is allowed: what the kernel loses here is not
// counted.
func enlarge(c *net.UDPConn) {
	const buffer = 8 << 20
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer) != nil {
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, buffer)
		}
	})
}

func (p *Proxy) forth() {
	buf := make([]byte, largest)
	for {
		n, from, err := p.in.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		if path := p.path(from); path != nil {
			p.hand(Forth, buf[:n], func(b []byte) { path.Write(b) })
		}
	}
}

// path is the socket through which the target sees a sender.
func (p *Proxy) path(from netip.AddrPort) *net.UDPConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := p.paths[from]
	if path == nil && !p.closed {
		var err error
		if path, err = net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(p.target)); err != nil {
			return nil
		}
		enlarge(path)
		p.paths[from] = path
		p.readers.Go(func() { p.back(path, from) })
	}
	return path
}

func (p *Proxy) back(path *net.UDPConn, to netip.AddrPort) {
	buf := make([]byte, largest)
	for {
		n, err := path.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // nobody listens there: an ICMP message
			time.Sleep(time.Millisecond)
			continue
		}
		p.hand(Back, buf[:n], func(b []byte) { p.in.WriteToUDPAddrPort(b, to) })
	}
}

// hand decides what becomes of a datagram.
func (p *Proxy) hand(d Direction, b []byte, send func([]byte)) {
	p.mu.Lock()
	random, copies := p.random[d], 1
	if random.Float64() < p.rates.Loss {
		copies = 0
	} else if random.Float64() < p.rates.Duplicate {
		copies = 2
	}
	var delays [2]time.Duration
	for i := range copies {
		if random.Float64() < p.rates.Reorder {
			delays[i] = time.Duration(random.Int64N(int64(delayMost)))
		}
	}
	c := &p.counts[d]
	c.Came++
	switch copies {
	case 0:
		c.Lost++
	case 2:
		c.Doubled++
	}
	if p.tap != nil {
		p.tap(Fate{Direction: d, Payload: b, Copies: copies})
	}
	p.mu.Unlock()
	for _, delay := range delays[:copies] {
		if delay == 0 {
			send(b)
			continue
		}
		p.mu.Lock()
		c.Delayed++
		p.mu.Unlock()
		kept := append([]byte(nil), b...)
		p.delayed.Add(1)
		time.AfterFunc(delay, func() {
			defer p.delayed.Done()
			send(kept)
		})
	}
}
