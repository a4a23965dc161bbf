package netstack

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// TestGarbageFromServers: whatever a server sends, the client goes on, and takes no address that no machine can have.
func TestGarbageFromServers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	message := dhcpMessage{kind: kindOffer, mac: ourStation}
	base := message.append(nil)[:dhcpHeader]
	base[0] = dhcpReply
	bound := 0
	for range 50_000 {
		b := append([]byte(nil), base...)
		for range random.IntN(5) {
			b[16+random.IntN(8)] = byte(random.Uint32())
		}
		if random.IntN(10) == 0 {
			b = b[:random.IntN(len(b)+1)]
		}
		b = append(b, optionKind, 1, byte(random.IntN(8)), optionServer, 4, 10, 0, 0, 1)
		for range random.IntN(60) {
			b = append(b, byte(random.Uint32()))
		}
		machine, now := newMachine(), began
		machine.step(now)
		for _, kind := range []uint8{0, kindAck, 0, kindAck} {
			m, ok := parseDHCP(b)
			if !ok {
				break
			}
			if kind != 0 {
				m.kind = kind
			}
			m.xid, m.mac = machine.xid, machine.mac
			machine.hear(now, m)
			machine.step(machine.next)
		}
		if machine.state >= 2 {
			bound++
			if l := machine.lease; !l.Address.IsValid() || !isHost(l.Address.Addr()) || l.Time < shortestLease || !machine.next.After(began) {
				t.Fatalf("% x\ngives the lease %+v", b, l)
			}
		}
		dhcpPayload(b)
	}
	if bound == 0 {
		t.Error("no lease at all: this tries nothing")
	}
}

// TestGarbageFrames: whatever frames come, the stack goes on and serves.
func TestGarbageFrames(t *testing.T) {
	left, right := newCables()
	a, _ := newStack(t, left, static("10.0.0.1/24", "fd00::1/64"))
	b, _ := newStack(t, right, func(c *Config) { static("10.0.0.2/24", "fd00::2/64")(c); c.DHCP = true })
	listen(t, b, ":80")
	var seen [][]byte // good frames to spoil
	var mu sync.Mutex
	left.lose = func(frame []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		if len(seen) < 200 {
			seen = append(seen, append([]byte(nil), frame...))
		}
		return false
	}
	for _, address := range []string{"10.0.0.2:80", "[fd00::2]:80"} {
		mustDial(t, a, address)
		packets(t, a, "", address).Write(make([]byte, 3000))
	}
	random := rand.New(rand.NewPCG(3, 4))
	mu.Lock()
	for range 20_000 {
		frame := append([]byte(nil), seen[random.IntN(len(seen))]...)
		for range 1 + random.IntN(6) {
			frame[12+random.IntN(len(frame)-12)] = byte(random.Uint32())
		}
		if random.IntN(4) == 0 {
			frame = frame[:1+random.IntN(len(frame)-1)]
		}
		left.put(frame)
	}
	mu.Unlock()
	c := mustDial(t, a, "10.0.0.2:80")
	if c.RemoteAddr().String() != "10.0.0.2:80" {
		t.Error("no connection")
	}
	if s := b.Stats(); s.Received+s.NoRoom < 20_000 || s.Received < 1000 {
		t.Errorf("the stack took %d frames and had no room for %d, of 20,000", s.Received, s.NoRoom)
	}
}
