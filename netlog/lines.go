package netlog

import (
	"bytes"
	"sync/atomic"
)

// A lineBuffer keeps a line until its newline comes.
type lineBuffer struct {
	busy   atomic.Uint32
	cont   bool // what is kept continues a line already on its way
	length int
	text   [TextSize]byte
}

var newline = []byte{'\n'}

// Write makes an Info record of every line. A line without its newline is kept
// until the newline comes or TextSize bytes are there. It always takes all of p.
func (l *Logger) Write(p []byte) (int, error) {
	// Mostly it is one line.
	b, n := &l.written, len(p)
	if n > 0 && p[n-1] == '\n' && b.busy.CompareAndSwap(0, 1) {
		if b.length == 0 && !l.crash.dying() {
			if taken := l.emitRecord(Info, p[:n-1], b.cont, true, true); taken < n-1 {
				l.emitRest(p, taken)
			}
			b.cont = false
		} else {
			l.keepLines(b, p)
		}
		b.busy.Store(0)
	} else {
		l.writeLines(b, p)
	}
	if l.crowded() {
		l.giveWay()
	}
	return n, nil
}

// Console takes what the program writes to file descriptors 1 and 2, and what
// the Go runtime prints, piece by piece; every line becomes an Info record, and
// after Crash, part of the report. A context that interrupts
// another one here gets its bytes into records of their own.
func (l *Logger) Console(p []byte) {
	if l.crash.dying() {
		l.crashConsole(p)
		return
	}
	l.writeLines(&l.printed, p)
}

func (l *Logger) writeLines(b *lineBuffer, p []byte) {
	if !b.busy.CompareAndSwap(0, 1) {
		l.emitLines(p)
		return
	}
	l.keepLines(b, p)
	b.busy.Store(0)
}

// emitRest makes records of lines, each with its newline, in batches, when the first n bytes are one.
func (l *Logger) emitRest(p []byte, n int) {
	for batch := 0; ; batch++ {
		cont := p[n] != '\n'
		if !cont {
			n++
		}
		if p = p[n:]; len(p) == 0 || batch == batchMost {
			l.drain(drainMost, true)
			batch = 0
		}
		if len(p) == 0 {
			return
		}
		n = l.store(Info, p[:recordEnd(p[:len(p)-1], true)], cont)
	}
}

// keepLines makes a record of every line that ends, and keeps what is left.
func (l *Logger) keepLines(b *lineBuffer, p []byte) {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			p = p[b.add(p):]
			if b.length == len(b.text) {
				l.emitBuffer(b, true)
			}
			continue
		}
		if b.length == 0 {
			l.emitPart(Info, p[:i], b.cont, true)
			b.cont = false
			p = p[i+1:]
			continue
		}
		n := b.add(p[:i])
		l.emitBuffer(b, n < i)
		if n == i {
			n++ // the newline
		}
		p = p[n:]
	}
}

// emitLines makes a record of every line of p, and of what is left behind the
// last newline.
func (l *Logger) emitLines(p []byte) {
	for len(p) > 0 {
		line, rest, _ := bytes.Cut(p, newline)
		l.emitPart(Info, line, false, true)
		p = rest
	}
}

// add keeps as much of p as there is room for, and returns how much that is.
func (b *lineBuffer) add(p []byte) int {
	n := copy(b.text[b.length:], p)
	b.length += n
	return n
}

// emitBuffer makes a record of what is kept; goesOn says that its line does not
// end here.
func (l *Logger) emitBuffer(b *lineBuffer, goesOn bool) {
	l.emitPart(Info, b.text[:b.length], b.cont, true)
	b.length, b.cont = 0, goesOn
}
