package netlog

import (
	"strconv"

	"gasp/netlog/wire"
)

// backlogTries is how often a record of before is tried, should that fault.
const backlogTries = 2

// before is the backlog: the records of before the crash that were not sent.
type before struct {
	begun  bool
	done   bool
	from   uint64 // number of the first
	missed uint64 // those that could not be sent
}

// sendBacklog sends the records of before the crash. Those that were never
// completed are counted. After a fault it goes on where that happened.
func (l *Logger) sendBacklog() {
	c := &l.crash
	s := &l.network
	b := &c.before
	end := c.opening.first
	if !b.begun {
		b.begun, b.from = true, s.next.Load()
	}
	if l.sealing() {
		l.pump(end)
		l.closeBacklog()
		return
	}
	for s.next.Load() < end {
		if oldest := l.ring.oldest(); s.next.Load() < oldest {
			// The headline took a slot as well.
			to := min(oldest, end)
			b.missed += to - s.next.Load()
			s.next.Store(to)
			continue
		}
		seq := s.next.Load()
		if c.faulted.again(seq, backlogTries) {
			switch {
			case !l.ring.read(seq, &s.record):
				b.missed++
			case s.record.level >= l.maxLevel():
				s.skipped++
				s.next.Store(seq + 1)
				continue
			case !c.mute:
				record := s.wireRecord(seq)
				if l.sendRecord(&record) {
					s.sent.Add(1)
					c.faulted.done++
				} else {
					b.missed++
				}
			}
		} else {
			b.missed++
		}
		s.skipped = 0
		s.next.Store(seq + 1)
	}
	s.next.Store(end + 1)
	l.closeBacklog()
}

// closeBacklog tells how many of its records are lost.
func (l *Logger) closeBacklog() {
	c := &l.crash
	b := &c.before
	b.done = true
	if b.missed > 0 && !c.mute {
		var room [sayRoom]byte
		text := strconv.AppendUint(room[:0], b.missed, 10)
		l.reportText(append(text, " records from before the crash are lost"...), false)
	}
}

// reportCause repeats a cause that the headline had no room for.
func (l *Logger) reportCause() {
	if l.crash.opening.cut {
		l.reportText(l.crash.cause.words(), false)
	}
}

// reportRegisters tells the registers that the headline had no room for.
func (l *Logger) reportRegisters() {
	for i := l.crash.opening.shown; i < l.block.Count(); {
		var room [200]byte
		text := append(room[:0], "registers "...)
		text, i = l.block.AppendLine(text, i)
		l.reportText(text, false)
	}
}

// reportLast sends what is left of a line, and what has come up by the way.
func (l *Logger) reportLast() {
	c := &l.crash
	if c.line.length > 0 {
		l.reportBuffer(false)
	}
	l.reportAside()
	l.reportCount("died again while reporting, times: ", c.again)
	l.reportCount("more faults while reporting: ", uint64(c.faulted.count-c.faulted.told))
}

func (l *Logger) reportCount(what string, n uint64) {
	if n > 0 {
		var room [sayRoom]byte
		l.reportText(strconv.AppendUint(append(room[:0], what...), n, 10), false)
	}
}

// closingTries is how often the end record is sent, should that fault.
const closingTries = 2

// closing is the end record.
type closing struct {
	tries  int
	chosen bool // what follows is
	done   bool
	last   uint64 // its number
	count  uint64 // of records
	time   uint64 // µs
}

// reportEnd sends the last record of the report. It gets its number once,
// because nothing may stand behind it.
func (l *Logger) reportEnd() {
	c := &l.crash
	e := &c.closing
	if !e.chosen {
		e.time, e.last, e.count = l.microseconds(), l.ring.head.Load(), c.records+1
		e.chosen = true
	}
	e.tries++
	l.ring.seize(e.last)
	c.records = e.count
	if !l.sendEnd() {
		c.lost++
	}
	e.done = true
}

// sendEnd makes the end record, always with the same number and time, and sends
// it.
func (l *Logger) sendEnd() bool {
	c := &l.crash
	e := &c.closing
	end := wire.End{Boot: c.bootID(), Records: c.records, Lost: c.lost}
	text := wire.AppendEnd(c.text[:0], &end)
	l.ring.fill(e.last, e.time, Emerg, false, text)
	l.ring.commit(e.last)
	l.keepEnd(e.last, e.time, text)
	if c.mute {
		return true
	}
	if l.sealing() {
		return l.pump(l.lastNumber())
	}
	record := wire.Record{Level: uint8(Emerg), Seq: e.last, Time: e.time, Text: text}
	return l.sendRecord(&record)
}
