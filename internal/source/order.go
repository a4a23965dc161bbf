package source

import (
	"slices"
	"time"
)

// order brings the numbered records of one sender into their order.
type order struct {
	machine *machine
	started bool
	first   uint64 // the number with which it started
	next    uint64 // the number awaited
	top     uint64 // the greatest number seen
	newest  uint64 // the sender's time of that record
	recent  recent
	held    []held // by number
	id      messageID
	prologue
}

// held is a record that came before its turn, or the place of one already delivered.
type held struct {
	seq, skip uint64
	at        time.Time
	record    *Record
	id        messageID
}

// from is the number that, once it is awaited, leaves nothing missing before h.
func (h *held) from() uint64 { return h.seq - min(h.skip, h.seq) }

// follows says whether nothing is missing before h.
func (o *order) follows(h *held) bool { return h.from() <= o.next || h.id.follows(o.id) }

// push takes a record. An urgent one is delivered at once wherever its place is, which is behind
// unsent records that still come.
func (o *order) push(r *Record, urgent bool, unsent uint64) {
	seen := o.recent.find(r.Seq)
	switch {
	case !o.started:
		o.start(r, unsent)
	case seen != nil && (seen.duplicate(r) || seen.same(r) && o.machine.unsent(r.Seq) || r.Damaged && seen.time == r.Time):
		// A piece of a message that came in full before is no sign of another boot, however late it comes. Nor are those that
		// a crash report counts as unsent: the device may have sent them, long before the crash.
		o.machine.table.stats.Duplicates++
		return
	case seen != nil || o.reboots(r):
		o.flush(r.At)
		o.machine.reboot(r.At)
		o.start(r, unsent)
	case r.Seq < o.next:
		if r.Late = r.Seq >= o.first; !r.Late {
			o.precedes(r)
		}
		o.recent.remember(r)
		o.machine.deliver(r)
		return
	}
	o.recent.remember(r)
	if r.Seq >= o.top {
		o.top, o.newest = r.Seq, r.Time
	}
	h := held{seq: r.Seq, skip: r.Skip, at: r.At, id: r.messageID()}
	if o.follows(&h) {
		o.next, o.id = r.Seq+1, h.id
		o.machine.deliver(r)
		o.drain()
		return
	}
	if urgent {
		o.machine.deliver(r)
	} else {
		h.record = r.clone()
		o.machine.force(r.size())
	}
	o.hold(h)
	for len(o.held) > maxHeld || len(o.held) > 0 && o.machine.over() {
		o.release(r.At)
	}
}

// passed says whether a number is no longer awaited.
func (o *order) passed(seq uint64) bool {
	return o.started && (seq < o.next || o.recent.find(seq) != nil)
}

// continues says whether r can be the next record of this boot, or one soon after it.
func (o *order) continues(r *Record) bool {
	return o.started && r.Seq >= o.next && r.Seq-o.next < recentSize && o.recent.find(r.Seq) == nil && !o.reboots(r)
}

// late delivers a record whose place was passed but which is known to be of this boot; missed says
// that it had not come before.
func (o *order) late(r *Record, missed bool) {
	r.Late = missed && r.Seq >= o.first && o.recent.find(r.Seq) == nil
	o.recent.remember(r)
	o.machine.deliver(r)
}

func (o *order) start(r *Record, unsent uint64) {
	o.started = true
	o.first = r.Seq - unsent
	o.next = o.first
	o.top, o.newest = r.Seq, r.Time
	o.recent.forget()
	o.id = messageID{}
	o.beginPrologue(r.At)
}

// reboots says whether r, whose number was not seen, can only be of a later boot. Within a boot
// the time grows with the number, save for rebootSlack.
func (o *order) reboots(r *Record) bool {
	if r.Seq > o.top {
		return older(r.Time, o.newest)
	}
	if r.Seq < o.next && o.next-r.Seq > o.recent.reach() {
		return true
	}
	if below := o.recent.below(r.Seq); below != nil {
		return older(r.Time, below.time)
	}
	// Nothing is known from before it; what is far older than the next one seen is another boot's.
	above := o.recent.above(r.Seq, o.top)
	return r.Seq < o.next && above != nil && older(r.Time, above.time)
}

// rebootSlack is how many microseconds a sender's time may go back from one number to the next: the
// clocks of several CPUs differ a little, and what came before the first record seen is older.
const rebootSlack = 1_000_000

func older(a, b uint64) bool { return b > rebootSlack && a < b-rebootSlack }

func (o *order) hold(h held) {
	i, _ := slices.BinarySearchFunc(o.held, h.seq, func(h held, seq uint64) int {
		if h.seq < seq {
			return -1
		}
		return 1
	})
	o.held = slices.Insert(o.held, i, h)
}

// release gives up what is missing before the first record held, and delivers what follows.
func (o *order) release(at time.Time) {
	h := &o.held[0]
	if from := h.from(); from > o.next && !o.follows(h) {
		first := o.next
		o.next = from
		o.machine.missing(at, first, from-1, h.id.between(o.id, from-first))
	}
	o.drain()
}

// drain delivers what is held for as long as nothing is missing.
func (o *order) drain() {
	n := 0
	for n < len(o.held) && o.follows(&o.held[n]) {
		h := o.held[n]
		o.next, o.id = max(o.next, h.seq+1), h.id
		if h.record != nil {
			o.machine.giveBack(h.record.size())
			o.machine.deliver(h.record)
		}
		n++
	}
	o.held = slices.Delete(o.held, 0, n)
}

// expire gives up what has been waited for long enough.
func (o *order) expire(now time.Time) {
	o.endPrologue(now, false)
	for len(o.held) > 0 && now.Sub(o.held[0].at) >= ReorderWindow {
		o.release(now)
	}
}

func (o *order) flush(now time.Time) {
	o.endPrologue(now, true)
	for len(o.held) > 0 {
		o.release(now)
	}
}
