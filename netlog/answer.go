package netlog

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// answers is what the log host has answered.
type answers struct {
	newest wire.Answer
	proof  [wire.BootSize]byte // its session
	torn   bool                // newest is being written
	acked  atomic.Uint64       // the log host knows of all records below
	proven atomic.Uint32       // it has answered at all
	heard  atomic.Int64        // time of the newest answer, or since when one is owed
	moved  atomic.Int64        // time when acked grew last, or the same
	count  atomic.Uint64       // believed
	bad    atomic.Uint64       // not believed
}

// fromLogHost is the payload of a packet that comes from the log host's port to ours, as far as its headers
// can be believed: the seal is what proves it. A target that is no single host answers from any address.
func (l *Logger) fromLogHost(p *packet) (payload []byte, ok bool) {
	s := &l.network
	source, destination := s.template.addresses()
	if !bytes.Equal(p.destination, source) || !s.sealed.group && !bytes.Equal(p.source, destination) {
		return nil, false
	}
	udp, ports := p.payload, s.template.headers[udpOffset:]
	if len(udp) < header.UDPMinimumSize {
		return nil, false
	}
	length := int(binary.BigEndian.Uint16(udp[4:]))
	if length < header.UDPMinimumSize || length > len(udp) ||
		[2]byte(udp) != [2]byte(ports[2:]) || [2]byte(udp[2:]) != [2]byte(ports) {
		return nil, false
	}
	return udp[header.UDPMinimumSize:length], true
}

// hear takes a packet that may be an answer, and says whether it came from the log host to our port. What is no
// newer than the newest is a copy or late, and an answer to what was never sent is none.
func (l *Logger) hear(p *packet) bool {
	z := &l.network.sealed
	a := &z.answers
	payload, ok := l.fromLogHost(p)
	if !ok || !z.sealer.IsAnswer(payload) {
		return ok
	}
	answer, err := z.sealer.OpenAnswer(payload)
	if err != nil || !answer.Newer(&a.newest) || answer.Heard > z.greatest() {
		a.bad.Add(1)
		return true
	}
	now := l.now()
	fresh := a.proven.Load() == 0 || answer.Session != a.proof
	acked := min(answer.Upto, z.said.Load())
	if fresh || acked > a.acked.Load() {
		a.acked.Store(acked)
		a.moved.Store(now)
	}
	a.torn = true
	a.newest, a.proof = answer, answer.Session
	a.torn = false
	z.repairs.run, z.repairs.from = 0, 0
	a.heard.Store(now)
	a.proven.Store(1)
	a.count.Add(1)
	l.beginProbes(now)
	if fresh {
		z.probe.next = now // it knows nothing for sure before it hears its session
		l.final.reseal(l)
	}
	return true
}
