package source

import (
	"container/list"
	"io"
	"net/netip"
	"time"

	"gasp/internal/keys"
	"gasp/netlog/wire"
)

// devices is the senders that seal what they send.
type devices struct {
	known map[[wire.IDSize]byte]*device
	// addresses is where those that proved themselves were heard last.
	addresses map[netip.Addr]*device
	budget    budget
	sessions  list.List // of *session, the one heard last first
	strangers list.List // of *peer: boots that have not proved themselves, the newest first
	proofs    proofs
	answers   uint64 // sent so far
	due       time.Time
	plain     []byte // an opened datagram
	sealed    []byte // an answer
}

// device is what is known of a key. It is small: there may be keys.MaxKeys.
type device struct {
	keys.Key
	name       string
	generation uint64 // of its proofs
	session    *session
	strangers  []*peer  // at most maxStrangers, the newest last
	over       [][]byte // ids of boots that are over, at most maxOver, the newest last
	last       *Session // how far it was heard when it has no session
	address    netip.Addr
}

const (
	// maxStrangers is how many boots of a device may wait for their proof at a time, and allStrangers
	// how many of all devices. One that makes way loses nothing: its session is the same again.
	maxStrangers = 4
	allStrangers = 4096
	// maxOver is how many boots of a device are remembered as over.
	maxOver = 8
	// silenceLook is how often is looked which devices are silent.
	silenceLook = 250 * time.Millisecond
)

func newDevices(memory int, random io.Reader) devices {
	return devices{
		known:     make(map[[wire.IDSize]byte]*device),
		addresses: make(map[netip.Addr]*device),
		budget:    newBudget(memory),
		proofs:    proofs{random: random},
		plain:     make([]byte, 0, wire.MaxAccepted),
		sealed:    make([]byte, 0, wire.MaxSealed),
	}
}

// SetKeys changes the list of devices. A device whose key or name is not in it any more is not believed
// from now on.
func (t *Table) SetKeys(list []keys.Key, now time.Time) {
	s := &t.devices
	known := make(map[[wire.IDSize]byte]*device, len(list))
	for _, k := range list {
		id := k.Secret.ID()
		if v := s.known[id]; v != nil && v.Key == k {
			known[id] = v
			continue
		}
		known[id] = &device{Key: k, name: k.Name}
	}
	for id, v := range s.known {
		if known[id] != v {
			t.revoke(v, now)
		}
	}
	s.known = known
}

// revoke ends a device whose key is not valid any more.
func (t *Table) revoke(v *device, now time.Time) {
	s := &t.devices
	for len(v.strangers) > 0 {
		s.dismiss(v.strangers[0])
	}
	if v.session != nil {
		m := v.session.machine
		m.flush(now)
		t.sink.Note(&Note{From: m.from, At: now, Kind: Revoked})
		t.end(v.session)
	}
	if s.addresses[v.address] == v {
		delete(s.addresses, v.address)
	}
}

// tick answers for nobody: it looks which devices are silent.
func (s *devices) tick(t *Table, now time.Time) {
	if now.Before(s.due) {
		return
	}
	s.due = now.Add(silenceLook)
	for e := s.sessions.Back(); e != nil; e = e.Prev() {
		v := e.Value.(*session)
		if v.silence(now) {
			t.note(v.machine)
		}
	}
}

// waiting says whether a device may fall silent.
func (s *devices) waiting() bool { return s.sessions.Len() > 0 }

// dismiss forgets a boot that has not proved itself.
func (s *devices) dismiss(p *peer) {
	v := p.device
	for i, other := range v.strangers {
		if other == p {
			v.strangers = append(v.strangers[:i], v.strangers[i+1:]...)
			break
		}
	}
	s.strangers.Remove(p.waits)
	p.waits = nil
}

// seat makes the one of v's session that is heard anew the first, if it has an address to be known by.
func (s *devices) seat(v *device, from netip.Addr) {
	if v.address == from {
		return
	}
	if s.addresses[v.address] == v {
		delete(s.addresses, v.address)
	}
	v.address = from
	s.addresses[from] = v
}
