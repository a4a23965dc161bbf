package netlog

import (
	"bytes"

	"gasp/netlog/wire"
)

// reportLine is the room that a report's record has for a line.
const reportLine = TextSize - len(wire.ReportPrefix)

// reportConsole makes a record of every line that comes in pieces.
func (l *Logger) reportConsole(p []byte) {
	b := &l.crash.line
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		line := p
		if i >= 0 {
			line = p[:i]
		}
		n := copy(b.text[min(b.length, reportLine):reportLine], line)
		b.length += n
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
	text, cont := b.text[:min(b.length, reportLine)], b.cont
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

func (l *Logger) reportPart(line []byte, cont bool) {
	l.crash.records++
	text := append(l.crash.text[:0], wire.ReportPrefix...)
	l.sendReport(append(text, line...), cont)
}

// sendReport puts a record of the report into the ring and on the wire.
func (l *Logger) sendReport(text []byte, cont bool) {
	c := &l.crash
	now := l.microseconds()
	seq := l.ring.seize()
	l.ring.fill(seq, now, Emerg, cont, text)
	l.ring.commit(seq)
	record := wire.Record{Level: uint8(Emerg), Seq: seq, Time: now, Cont: cont, Text: text}
	if !c.mute && !l.sendRecord(&record) {
		c.lost++
	}
	if c.mute || seq-l.serial.next.Load() > l.ring.capacity()/2 {
		l.finishSerial()
	}
}

// sendRecord sends one record at once.
func (l *Logger) sendRecord(r *wire.Record) bool {
	s := &l.network
	s.encode(r)
	for s.done < s.length {
		if !l.transmitNow(s.piece()) {
			return false
		}
	}
	return true
}
