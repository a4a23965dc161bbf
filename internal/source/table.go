package source

import (
	"container/list"
	"crypto/rand"
	"io"
	"net/netip"
	"time"

	"gasp/internal/keys"
	"gasp/netlog/wire"
)

// Table tells the senders apart: those that seal what they send by their key, others by address and
// port.
type Table struct {
	sink       Sink
	options    Options
	sources    sources
	devices    devices
	waiting    map[*machine]struct{}
	rejections rejections
	stats      Stats
	reports    uint64 // so far
	record     Record // the one that is being delivered, which would need memory of its own each time
	scratch    []byte
}

// Options say how a table works.
type Options struct {
	// CrashTimeout is how long a crash report may be quiet before it is closed as incomplete; 0 means
	// DefaultCrashTimeout.
	CrashTimeout time.Duration
	// Keys is the devices that seal what they send. SetKeys changes them.
	Keys []keys.Key
	// Random is where 32 bytes for the proofs of life come from; nil means crypto/rand.Reader.
	Random io.Reader
	// Answer sends a datagram to a device, through the socket that its own came through. The datagram
	// is the callee's only until it returns. Nil sends nothing.
	Answer func(via int, to netip.AddrPort, datagram []byte)
	// OneWay takes sealed datagrams whose sender has not proved that it lives now: where no answer
	// reaches it, or for a recording. What is missing is not waited for longer than ReorderWindow.
	OneWay bool
	// SealedOnly refuses everything that is not sealed.
	SealedOnly bool
	// Resume is what an earlier table's Sessions returned.
	Resume []Session
	// Memory is how many bytes all senders may take together; 0 means DefaultMemory.
	Memory int
}

// Datagram is one UDP payload.
type Datagram struct {
	// At is when it was received. The time must not go back from one to the next of the same sender, nor
	// behind that of the last Tick.
	At   time.Time
	From netip.AddrPort
	// Via is the socket that it came through, for an answer.
	Via int
	// Data is the payload, or its beginning if that is more than wire.MaxAccepted.
	Data []byte
	// Size is the payload's size in bytes as it was sent.
	Size int
}

// The parts of the memory, in sixteenths: new senders without a key, settled ones; devices have the rest.
const (
	memoryParts  = 16
	freshParts   = 3
	settledParts = 9
)

// NewTable returns a table that hands on to sink.
func NewTable(sink Sink, o Options) *Table {
	if o.CrashTimeout == 0 {
		o.CrashTimeout = DefaultCrashTimeout
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Memory == 0 {
		o.Memory = DefaultMemory
	}
	part := o.Memory / memoryParts
	t := &Table{
		sink:    sink,
		options: o,
		sources: sources{
			machines: make(map[netip.AddrPort]*machine),
			places:   make(map[netip.Addr]*list.List),
			fresh:    pool{budget: newBudget(freshParts * part)},
			settled:  pool{budget: newBudget(settledParts * part)},
		},
		devices: newDevices((memoryParts-freshParts-settledParts)*part, o.Random),
		waiting: make(map[*machine]struct{}),
	}
	t.SetKeys(o.Keys, time.Time{})
	t.devices.resume(o.Resume)
	return t
}

// Datagram takes one datagram. Nothing of it is kept.
func (t *Table) Datagram(d *Datagram) {
	t.stats.Datagrams++
	switch {
	case wire.IsSealed(d.Data):
		t.sealed(d)
	case t.options.SealedOnly || t.devices.addresses[d.From.Addr()] != nil:
		t.reject(d, Unsealed, t.devices.addresses[d.From.Addr()], nil)
	default:
		m := t.machine(d)
		m.hear(d)
		t.note(m)
	}
}

// room is memory for what decoding unescapes. It is used until the next call.
func (t *Table) room(n int) []byte {
	if cap(t.scratch) < n {
		t.scratch = make([]byte, 0, max(n, wire.MaxAccepted+1))
	}
	return t.scratch[:0]
}

// Tick closes what has waited long enough, and sends the answers that are due.
func (t *Table) Tick(now time.Time) {
	for m := range t.waiting {
		m.tick(now)
		t.note(m)
	}
	t.devices.tick(t, now)
	t.rejections.tick(t, now, false)
}

// Waiting says whether something waits for the time to pass, so that Tick is needed.
func (t *Table) Waiting() bool {
	return len(t.waiting) > 0 || t.devices.waiting() || t.rejections.waiting()
}

// Flush hands on everything that waits, closes every crash report, and says what was refused.
func (t *Table) Flush(now time.Time) {
	for m := range t.waiting {
		m.flush(now)
		t.note(m)
	}
	t.rejections.tick(t, now, true)
}

// Known is how many senders are told apart now.
func (t *Table) Known() int { return len(t.sources.machines) + t.devices.sessions.Len() }

// Stats returns the counters.
func (t *Table) Stats() Stats { return t.stats }

func (t *Table) note(m *machine) {
	if m.waiting() {
		t.waiting[m] = struct{}{}
	} else {
		delete(t.waiting, m)
	}
}
