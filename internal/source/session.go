package source

import (
	"container/list"
	"time"

	"gasp/netlog/wire"
)

// session is what is known of the boot of a device that is believed.
type session struct {
	table    *Table
	peer     *peer
	machine  *machine
	order    *list.Element // among the sessions
	sequence sequence
	reply    reply

	via       int
	oldest    uint64        // the lowest number that the device can still send
	heartbeat time.Duration // its longest silence, 0 if it promises none
	over      bool          // it said that nothing more comes
	heard     time.Time
	silent    bool   // that it is was said
	quiet     bool   // what was missing was given up for its silence
	line      []byte // how the last that it said begins
}

const (
	// sessionSize is about what a session takes of which nothing waits, in bytes.
	sessionSize = 4096
	// lineSize is how many bytes of the last line are kept.
	lineSize = 200
	// usualHeartbeat is that of a device that promises none, as far as it matters when what is missing is
	// given up.
	usualHeartbeat = 5 * time.Second
	// heartbeats may be missed, and silenceGrace pass, before a device is called silent.
	heartbeats   = 3
	silenceGrace = time.Second
)

// begin makes the session of a boot, of which a datagram is believed.
func (t *Table) begin(p *peer, d *Datagram) *session {
	s, v := &t.devices, p.device
	for s.budget.left < headroom && s.sessions.Len() > 0 {
		t.suspend(s.sessions.Back().Value.(*session), d.At)
	}
	m := newMachine(t, Origin{Addr: d.From, Device: v.name, Settled: true}, &s.budget)
	m.force(sessionSize)
	n := &session{table: t, peer: p, machine: m}
	n.sequence = sequence{machine: m, oneWay: t.options.OneWay, owed: spans{max: maxOwed}, gone: spans{max: maxOwed}}
	m.session = n
	n.order = s.sessions.PushFront(n)
	v.session = n
	return n
}

// suspend forgets a session, so that another one has room. Where it was is kept: the device proves
// itself anew, and goes on from there.
func (t *Table) suspend(n *session, now time.Time) {
	n.machine.flush(now)
	n.peer.device.last = n.state()
	t.end(n)
}

// end takes a session off the table.
func (t *Table) end(n *session) {
	v, m := n.peer.device, n.machine
	v.session = nil
	v.generation++
	t.devices.sessions.Remove(n.order)
	m.giveBack(m.used)
	delete(t.waiting, m)
}

// take takes a datagram that is believed; newest says that it is the newest so far.
func (n *session) take(d *Datagram, number uint64, newest bool, status *wire.Status, items []byte) {
	t, m := n.table, n.machine
	t.devices.sessions.MoveToFront(n.order)
	n.heard, n.quiet = d.At, false
	if newest {
		n.via, m.from.Addr = d.Via, d.From
		if !t.options.OneWay {
			t.devices.seat(n.peer.device, d.From.Addr())
		}
	}
	if number != wire.LastNumber {
		if newest {
			n.heartbeat = time.Duration(status.Heartbeat) * (time.Second / 10)
		}
		m.clock.sample(d.At, status.Time)
	}
	if n.silent {
		n.silent = false
		t.sink.Note(&Note{From: m.from, At: d.At, Kind: Back})
	}
	n.over = n.over || status.Over
	before := m.hears(d)
	for len(items) > 0 {
		item, rest, err := wire.NextItem(items)
		if err != nil {
			break // wellFormed has read them all
		}
		n.item(&item, d.At)
		items = rest
	}
	n.oldest = max(n.oldest, status.Oldest)
	n.sequence.exists(max(status.Next, status.Oldest), d.At)
	if n.oldest > 0 {
		n.sequence.fill(0, n.oldest-1, gone, d.At)
	}
	m.heard(d, before)
	n.consider(status.Want, d.At)
	t.note(m)
}

func (n *session) item(item *wire.Item, at time.Time) {
	m := n.machine
	r := &n.table.record
	*r = Record{Record: item.Record, From: m.from, At: at, Format: Sealed, Extended: true}
	switch item.Kind {
	case wire.ItemRecord:
		n.remember(r.Text)
		n.sequence.record(r)
	case wire.ItemHeldBack:
		n.sequence.fill(item.First, item.Last, heldBack, at)
	case wire.ItemGone:
		n.sequence.fill(item.First, item.Last, gone, at)
	case wire.ItemLastWords:
		n.remember(r.Text)
		m.lastWords(r)
	}
}

// lastWords takes the headline without a number of a sender whose report failed.
func (m *machine) lastWords(r *Record) {
	if _, ok := headline(r); ok && m.repeats(r) {
		return
	}
	m.table.stats.Records++
	m.see(r)
}

func (n *session) remember(text []byte) {
	n.line = append(n.line[:0], text[:min(len(text), lineSize)]...)
}

// patience is how long the device may be silent.
func (n *session) patience() time.Duration {
	if n.heartbeat == 0 {
		return heartbeats*usualHeartbeat + silenceGrace
	}
	return heartbeats*n.heartbeat + silenceGrace
}

// silence looks whether the device is silent for too long, and gives up what is missing of it then.
func (n *session) silence(now time.Time) (changed bool) {
	if n.quiet || now.Sub(n.heard) < n.patience() {
		return false
	}
	n.quiet = true
	n.sequence.giveUp(n.sequence.known, now)
	if !n.over && n.heartbeat > 0 {
		n.silent = true
		n.table.sink.Note(&Note{From: n.machine.from, At: now, Kind: Silent, Since: n.heard, Line: string(n.line)})
	}
	return true
}

// repairing says whether something is missing that may still come.
func (n *session) repairing() bool { return n != nil && n.sequence.missing() && !n.quiet }

// waiting says whether the time matters before the device is silent.
func (n *session) waiting() bool { return n != nil && (n.reply.news > 0 || n.repairing()) }

func (n *session) tick(now time.Time) {
	if n == nil {
		return
	}
	n.sequence.expire(now)
	n.remind(now)
}
