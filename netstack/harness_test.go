package netstack

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"gasp/netlog"
)

// A cable is a network device whose frames come out of another one. It is a netlog.Device, so that what is tried here
// goes through the logger that owns it.
type cable struct {
	mac  [6]byte
	peer *cable
	room [netlog.RoomSize]byte

	mu        sync.Mutex
	committed [][]byte
	incoming  [][]byte
	lose      func(frame []byte) bool // may be nil
}

func newCables() (a, b *cable) {
	a, b = &cable{mac: [6]byte{2, 0, 0, 0, 0, 1}}, &cable{mac: [6]byte{2, 0, 0, 0, 0, 2}}
	a.peer, b.peer = b, a
	return a, b
}

func (c *cable) MAC() [6]byte { return c.mac }

func (c *cable) Transmit(frame []byte) error {
	c.mu.Lock()
	lose := c.lose
	c.mu.Unlock()
	if lose != nil && lose(frame) {
		return nil
	}
	c.put(frame)
	return nil
}

// put lets a frame come out at the other end.
func (c *cable) put(frame []byte) {
	c.peer.mu.Lock()
	defer c.peer.mu.Unlock()
	c.peer.incoming = append(c.peer.incoming, append([]byte(nil), frame...))
}

func (c *cable) Room(bool) ([]byte, error) { return c.room[:], nil }

func (c *cable) Commit(at, n int, tell bool) error {
	c.committed = append(c.committed, append([]byte(nil), c.room[at:at+n]...))
	if tell {
		c.Doorbell()
	}
	return nil
}

func (c *cable) Doorbell() {
	for _, frame := range c.committed {
		c.Transmit(frame)
	}
	c.committed = nil
}

func (c *cable) Flush() error { return nil }

func (c *cable) Receive(buf []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.incoming) == 0 {
		return 0, nil
	}
	n := copy(buf, c.incoming[0])
	c.incoming = c.incoming[1:]
	return n, nil
}

func (c *cable) Link() bool             { return true }
func (c *cable) TakeOver() (int, error) { return 0, nil }

// newStack makes a stack with a logger of its own on the device.
func newStack(t *testing.T, c *cable, change func(*Config)) (*Stack, *netlog.Logger) {
	t.Helper()
	l := netlog.New(0)
	began := time.Now()
	l.SetClock(func() int64 { return int64(time.Since(began)) })
	if err := l.Attach(c); err != nil {
		t.Fatal(err)
	}
	config := Config{Device: l, MAC: c.mac, Say: func(line string) { t.Log(line) }}
	change(&config)
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, l
}

func static(addresses ...string) func(*Config) {
	return func(c *Config) {
		for _, a := range addresses {
			c.Addresses = append(c.Addresses, netip.MustParsePrefix(a))
		}
		c.Say = nil
	}
}

// pair is two machines on one link.
func pair(t *testing.T) (a, b *Stack) {
	t.Helper()
	left, right := newCables()
	a, _ = newStack(t, left, static("10.0.0.1/24", "fd00::1/64"))
	b, _ = newStack(t, right, static("10.0.0.2/24", "fd00::2/64"))
	return a, b
}

// familyOf is what package net asks for.
func familyOf(ip net.IP) int {
	if len(ip) == 0 || ip.To4() == nil {
		return syscall.AF_INET6
	}
	return syscall.AF_INET
}

func listen(t *testing.T, s *Stack, address string) *Listener {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Socket(context.Background(), "tcp", familyOf(a.IP), syscall.SOCK_STREAM, a, nil)
	if err != nil {
		t.Fatalf("listen at %s: %v", address, err)
	}
	t.Cleanup(func() { l.(*Listener).Close() })
	return l.(*Listener)
}

func dial(ctx context.Context, s *Stack, address string) (*Conn, error) {
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	c, err := s.Socket(ctx, "tcp", familyOf(a.IP), syscall.SOCK_STREAM, nil, a)
	if err != nil {
		return nil, err
	}
	return c.(*Conn), nil
}

func mustDial(t *testing.T, s *Stack, address string) *Conn {
	t.Helper()
	c, err := dial(context.Background(), s, address)
	if err != nil {
		t.Fatalf("dial %s: %v", address, err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func packets(t *testing.T, s *Stack, local, remote string) *PacketConn {
	t.Helper()
	var from, to net.Addr
	family := syscall.AF_INET6
	for _, a := range []struct {
		text string
		to   *net.Addr
	}{{local, &from}, {remote, &to}} {
		if a.text == "" {
			continue
		}
		address, err := net.ResolveUDPAddr("udp", a.text)
		if err != nil {
			t.Fatal(err)
		}
		*a.to, family = address, familyOf(address.IP)
	}
	c, err := s.Socket(context.Background(), "udp", family, syscall.SOCK_DGRAM, from, to)
	if err != nil {
		t.Fatalf("udp %s %s: %v", local, remote, err)
	}
	t.Cleanup(func() { c.(*PacketConn).Close() })
	return c.(*PacketConn)
}
