package netlog

import (
	"bytes"

	"gasp/netlog/wire"
)

// reportLine is the room that a report's record has for a line.
const reportLine = TextSize - len(wire.ReportPrefix)

// within is n, or size if n cannot be: something may have overwritten it.
func within(n, size int) int {
	if uint(n) > uint(size) {
		return size
	}
	return n
}

// crashConsole takes what is printed while the machine dies.
func (l *Logger) crashConsole(p []byte) {
	c := &l.crash
	if c.inside {
		c.aside.add(p)
		return
	}
	c.inside = true
	switch c.state.Load() {
	case collecting:
		l.collect(p)
	case reporting:
		l.reportConsole(p)
	default:
		l.storeText(Info, p, false)
		l.finishSerial()
	}
	c.inside = false
}

// crashLog takes what is logged while the machine dies: it belongs to the
// report while that is open.
func (l *Logger) crashLog(level Level, text []byte, cont bool) {
	c := &l.crash
	if c.inside {
		c.aside.add(text)
		return
	}
	c.inside = true
	if c.state.Load() == reporting {
		l.reportText(text, cont)
	} else {
		l.storeText(level, text, cont)
		if c.state.Load() == over {
			l.finishSerial()
		}
	}
	c.inside = false
}

// reportConsole makes a record of every line that comes in pieces.
func (l *Logger) reportConsole(p []byte) {
	b := &l.crash.line
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i >= 0 && i <= reportLine && b.length == 0 && !b.cont {
			l.reportPart(p[:i], false)
			p = p[i+1:]
			continue
		}
		line := p
		if i >= 0 {
			line = p[:i]
		}
		n := copy(b.text[within(b.length, reportLine):reportLine], line)
		b.length = within(b.length, reportLine) + n
		p = p[n:]
		switch {
		case n < len(line):
			l.reportBuffer(true)
		case i >= 0:
			l.reportBuffer(false)
			p = p[1:]
		}
	}
}

func (l *Logger) reportBuffer(goesOn bool) {
	b := &l.crash.line
	text, cont := b.text[:within(b.length, reportLine)], b.cont
	b.length, b.cont = 0, goesOn
	l.reportPart(text, cont)
}

// reportText makes a record of every line of text.
func (l *Logger) reportText(text []byte, cont bool) {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, newline)
		for {
			n := min(len(line), reportLine)
			l.reportPart(line[:n], cont)
			line, cont = line[n:], true
			if len(line) == 0 {
				break
			}
		}
		text, cont = rest, false
	}
}

// partTries is how often a record is sent, should that fault.
const partTries = 2

// A part is the record of the report that is under way; its text is the crash's.
type part struct {
	open   bool // it is not done
	cont   bool
	kept   bool
	tries  int
	length int // of the text
	seq    uint64
	count  uint64 // of records, with it
	time   uint64 // µs
}

// reportPart puts a record of the report into the ring and on the wire.
func (l *Logger) reportPart(line []byte, cont bool) {
	c := &l.crash
	p := &c.part
	text := append(append(c.text[:0], wire.ReportPrefix...), line...)
	p.cont, p.kept, p.tries, p.length = cont, false, 0, len(text)
	p.seq, p.count = l.ring.head.Load(), c.records+1
	p.open = true
	p.time = l.microseconds()
	l.finishPart()
}

// finishPart can be done again from the start after a fault anywhere in it. A
// record that faults whenever it is sent is given up.
func (l *Logger) finishPart() {
	c := &l.crash
	p := &c.part
	text := c.text[:within(p.length, len(c.text))]
	l.ring.seize(p.seq)
	l.ring.fill(p.seq, p.time, Emerg, p.cont, text)
	l.ring.commit(p.seq)
	c.records = p.count
	p.tries++
	if l.sealing() {
		l.addToBatch(p.seq, len(text))
	} else if !c.mute {
		record := wire.Record{Level: uint8(Emerg), Seq: p.seq, Time: p.time, Cont: p.cont, Text: text}
		if p.tries > partTries || !l.sendRecord(&record) {
			c.lost++
			c.device.owe(p.seq)
		}
	}
	if !p.kept { // after sending, which is more urgent
		l.keepRecord(p.seq, p.time, p.cont, text)
		p.kept = true
	}
	if p.tries <= partTries {
		c.faulted.done++
	}
	p.open = false
	if c.mute || p.seq-l.serial.next.Load() > l.ring.capacity()/2 {
		l.finishSerial()
	}
}

// An aside is what was logged from inside the crash path.
type aside struct {
	length int
	cut    bool
	text   [TextSize]byte
}

func (a *aside) add(p []byte) {
	n := copy(a.text[within(a.length, TextSize):], p)
	a.length = within(a.length, TextSize) + n
	a.cut = a.cut || n < len(p)
	if n > 0 && p[n-1] != '\n' && a.length < TextSize {
		a.text[a.length] = '\n'
		a.length++
	}
}

// reportAside tells it. What comes while it does is left out, or there would be
// no end.
func (l *Logger) reportAside() {
	a := &l.crash.aside
	text := a.text[:within(a.length, TextSize)]
	if len(text) == 0 {
		return
	}
	l.reportText([]byte("logged from inside the crash path:"), false)
	l.reportText(text, false)
	if a.cut {
		l.reportText([]byte("and more"), false)
	}
}
