package netlog

import (
	"bytes"
	"strconv"

	"gasp/netlog/wire"
)

// reportHeadline sends the first record of the report. It relies on nothing in
// the ring but the next number.
func (l *Logger) reportHeadline() {
	c := &l.crash
	s := &l.network
	c.tries++
	if !c.opened {
		c.opened = true
		c.first = l.ring.seize()
		c.records++
	}
	now := l.microseconds()
	next := min(s.next.Load(), c.first)
	// On the stack here and nowhere else: a pointer stored anywhere but in the
	// own frame takes a write barrier.
	var room [maxRegisters]wire.Register
	for i := range c.cause.count {
		r := &c.cause.regs[i]
		room[i] = wire.Register{Name: view(r.name[:r.length]), Value: r.value}
	}
	h := wire.Headline{
		Boot:      c.bootID(),
		Cause:     c.cause.words(),
		Exception: exception(view(c.cause.kind[:c.cause.kinds])),
		PC:        c.cause.pc,
		HasPC:     c.cause.hasPC,
		Func:      view(c.cause.fn[:c.cause.fns]),
		Addr:      c.cause.addr,
		HasAddr:   c.cause.hasAddr,
		Build:     view(c.build[:c.builds]),
		Uptime:    now,
		Last:      c.first - 1,
		HasLast:   c.first > 0,
		Unsent:    c.first - next,
		Registers: room[:c.cause.count],
	}
	text := wire.AppendHeadline(c.text[:0], &h, wire.HeadlineMax)
	c.cut = !bytes.HasPrefix(text[wire.CauseOffset:], bytes.Trim(h.Cause, "\n"))
	record := wire.Record{Level: uint8(Emerg), Seq: c.first, Time: now, Text: text, Skip: l.heldBack(next, c.first)}
	if !c.mute && !l.sendRecord(&record) {
		c.lost++
	}
	l.ring.fill(c.first, now, Emerg, false, text)
	l.ring.commit(c.first)
	c.sent = true
}

// heldBack counts the records right before end that the level keeps back.
func (l *Logger) heldBack(next, end uint64) uint64 {
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

// sendBacklog sends the records of before the crash. Those that were never
// completed are counted.
func (l *Logger) sendBacklog() {
	c := &l.crash
	s := &l.network
	for s.next.Load() < c.first {
		if oldest := l.ring.oldest(); s.next.Load() < oldest {
			// The headline took a slot as well.
			end := min(oldest, c.first)
			c.missed += end - s.next.Load()
			s.next.Store(end)
			continue
		}
		seq := s.next.Load()
		s.next.Store(seq + 1)
		switch {
		case !l.ring.read(seq, &s.record):
			c.missed++
		case s.record.level >= l.maxLevel():
			s.skipped++
			continue
		case !c.mute:
			record := s.wireRecord(seq)
			if l.sendRecord(&record) {
				s.sent.Add(1)
			} else {
				c.missed++
			}
		}
		s.skipped = 0
	}
	s.next.Store(c.first + 1)
	if c.missed > 0 && !c.mute {
		var room [sayRoom]byte
		text := strconv.AppendUint(room[:0], c.missed, 10)
		l.reportText(append(text, " records from before the crash are lost"...), false)
	}
}

// reportCause repeats a cause that the headline had no room for.
func (l *Logger) reportCause() {
	if l.crash.cut {
		l.reportText(l.crash.cause.words(), false)
	}
}

// reportFault tells of a fault inside the report.
func (l *Logger) reportFault(cause *Cause) {
	var room [2 * sayRoom]byte
	text := append(room[:0], "fault while reporting: "...)
	text = append(text, cause.Kind[:min(len(cause.Kind), kindName)]...)
	if cause.HasPC {
		text = append(text, " at pc=0x"...)
		text = strconv.AppendUint(text, cause.PC, 16)
	}
	if cause.HasAddr {
		text = append(text, " addr=0x"...)
		text = strconv.AppendUint(text, cause.Addr, 16)
	}
	l.reportText(text, false)
	l.reportText(cause.Text[:min(len(cause.Text), causeSize)], false)
}

// reportLast sends what is left of a line, and notes further calls of Dying.
func (l *Logger) reportLast() {
	c := &l.crash
	if c.line.length > 0 {
		l.reportBuffer(false)
	}
	if c.again > 0 {
		var room [sayRoom]byte
		text := append(room[:0], "died again while reporting, times: "...)
		l.reportText(strconv.AppendUint(text, c.again, 10), false)
	}
}

// reportEnd sends the last record of the report.
func (l *Logger) reportEnd() {
	c := &l.crash
	c.records++
	end := wire.End{Boot: c.bootID(), Records: c.records, Lost: c.lost}
	l.sendReport(wire.AppendEnd(c.text[:0], &end), false)
}
