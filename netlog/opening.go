package netlog

import (
	"bytes"
	"unsafe"

	"gasp/netlog/wire"
)

// headlineTries is how often the headline is sent, should that fault or the
// device refuse it, before the last level.
const headlineTries = 2

// An opening is the headline as it was sent. It is kept, because it is sent again.
type opening struct {
	tries  int
	chosen bool   // first is
	opened bool   // and taken
	sent   bool   // it went out as far as it could
	cut    bool   // it has not the whole cause
	shown  int    // registers that it has
	first  uint64 // its number
	unsent uint64 // records of before
	time   uint64 // µs
	skip   uint64
	length int // 0: the text was not needed yet
	text   [wire.HeadlineMax]byte
}

// open takes the report's first number.
func (c *crash) open(r *ring) {
	o := &c.opening
	if o.opened {
		return
	}
	if !o.chosen {
		o.first = r.head.Load()
		o.chosen = true
	}
	r.seize(o.first)
	c.records = max(c.records, 1)
	o.opened = true
}

// reportHeadline sends the first record of the report. It relies on nothing in
// the ring but the next number.
func (l *Logger) reportHeadline() {
	c := &l.crash
	o := &c.opening
	s := &l.network
	c.open(&l.ring)
	next := min(s.next.Load(), o.first)
	o.unsent = o.first - next
	o.time = l.microseconds()
	o.skip = l.heldBack(next, o.first)
	for !c.mute && !o.sent {
		o.tries++
		o.sent = l.sendHeadline()
		if !o.sent && o.tries >= headlineTries {
			l.oweHeadline()
			break
		}
	}
	o.sent = true
}

// sendHeadline sends the headline, always with the same number, time and text.
// The text itself is left for later if there is a shorter way: what counts is
// the time to the first frame.
func (l *Logger) sendHeadline() bool {
	o := &l.crash.opening
	s := &l.network
	record := wire.Record{Level: uint8(Emerg), Seq: o.first, Time: o.time, Skip: o.skip}
	if l.sealing() {
		return l.sendSealedHeadline(record)
	}
	first := 0
	if o.length == 0 && !s.mute && l.makeHeadline(&record) {
		if !l.sendMessage(&s.destination) {
			return false
		}
		if s.more.Load() == 0 {
			return true
		}
		first = 1
		l.makeHeadline(nil)
	}
	record.Text = o.text[:within(o.length, len(o.text))]
	return l.sendRecordFrom(first, &record)
}

// makeHeadline makes the message of the headline's record, if that can be had
// without the text, and else the text. What is known of the crash lives on the
// stack: a pointer stored anywhere else takes a write barrier.
func (l *Logger) makeHeadline(record *wire.Record) (message bool) {
	c := &l.crash
	o := &c.opening
	s := &l.network
	var h wire.Headline // filled where it is, a literal would be copied there
	h.Boot = c.bootID()
	h.Cause = c.cause.words()
	h.Exception = exception(view(c.cause.kind[:c.cause.kinds]))
	h.PC, h.HasPC = c.cause.pc, c.cause.hasPC
	h.Func = view(c.cause.fn[:c.cause.fns])
	h.Addr, h.HasAddr = c.cause.addr, c.cause.hasAddr
	h.Uptime = o.time
	h.Last, h.HasLast = o.first-1, o.first > 0
	h.Unsent = o.unsent
	h.Block = &l.block
	if record != nil {
		dst, ok := h.AppendMessage(s.start(&s.format), record, s.extended, wire.HeadlineMax)
		if ok {
			s.length, s.done = len(dst)-headroom, 0
			o.shown = h.Shown
			return true
		}
	}
	text := wire.AppendHeadline(o.text[:0], &h, len(o.text))
	o.length = len(text)
	o.shown = h.Shown
	o.cut = !bytes.HasPrefix(text[h.CauseOffset():], h.Cause)
	return false
}

// oweHeadline sends what can be had in place of the headline, which is sent
// again at the end.
func (l *Logger) oweHeadline() {
	c := &l.crash
	c.device.owe(c.opening.first)
	if !l.lastLevel() {
		c.lost++
	}
}

// keepHeadline leaves the headline where later readers look for it.
func (l *Logger) keepHeadline() {
	c := &l.crash
	o := &c.opening
	if o.length == 0 {
		l.makeHeadline(nil)
	}
	l.ring.fill(o.first, o.time, Emerg, false, o.text[:o.length])
	l.ring.commit(o.first)
	l.keepRecord(o.first, o.time, false, o.text[:o.length])
	if c.mute {
		l.finishSerial()
	}
}

// heldBack counts the records right before end that the level keeps back.
func (l *Logger) heldBack(next, end uint64) uint64 {
	if next == end {
		return l.network.skipped
	}
	limit := l.maxLevel()
	seq := end
	for seq > max(next, l.ring.oldest()) && l.ring.state(seq-1) == ready && l.ring.level(seq-1) >= limit {
		seq--
	}
	if seq == next {
		return end - seq + l.network.skipped
	}
	return end - seq
}

// view is b as a string, valid while b is.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
