package netstack

import (
	"math/rand/v2"
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
