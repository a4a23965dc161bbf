package netlog

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// answers is what a log host has answered.
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
	run    int                 // of those that were asked for, the one that is next
	from   uint64              // where in it
}

// fromLogHost is the payload of a packet that comes from the log host's port to ours, as far as its headers
// can be believed: the seal is what proves it. A target that is no single host answers from any address.
func (d *destination) fromLogHost(p *packet) (payload []byte, ok bool) {
	source, destination := d.template.addresses()
	if !bytes.Equal(p.destination, source) || !d.group && !bytes.Equal(p.source, destination) {
		return nil, false
	}
	udp, ports := p.payload, d.template.headers[udpOffset:]
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

// hearFrom takes a packet that may be an answer of one of the log hosts, first of those that are single hosts.
func (l *Logger) hearFrom(vlan uint16, p *packet) bool {
	s := &l.network
	for _, group := range [...]bool{false, true} {
		for i := range s.destinations() {
			if d := s.to(i); d.group == group && d.neighbor.vlan == vlan && l.hear(d, p) {
				return true
			}
		}
	}
	return false
}

// hear takes a packet that may be an answer, and says whether it came from the log host to our port. What is no
// newer than the newest is a copy or late, and an answer to what was never sent is none.
func (l *Logger) hear(d *destination, p *packet) bool {
	z := &l.network.sealed
	a := &d.answers
	payload, ok := d.fromLogHost(p)
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
	a.run, a.from = 0, 0
	a.heard.Store(now)
	a.proven.Store(1)
	a.count.Add(1)
	if l.network.more.Load() == 0 || a.owes(z.said.Load()) { // another one's silence is not to make this one answer all the time
		l.beginProbes(now)
	}
	if fresh {
		z.probe.next = now // it knows nothing for sure before it hears its session
		l.final.reseal(l)
	}
	return true
}
