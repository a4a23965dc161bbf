package netlog

import (
	"bytes"
	"sync/atomic"
	"unsafe"

	"gasp/netlog/wire"
)

// reportLevel is that of the records of a report on demand: they pass any level
// limit but 1, and are told from those of a crash.
const reportLevel = Alert

// A demand is a report of a machine that goes on. Its buffers are its own,
// because whoever it has interrupted goes on with the others.
type demand struct {
	open    atomic.Uint32
	first   uint64 // number of the headline
	records uint64
	lost    uint64 // of those
	line    lineBuffer
	text    [TextSize]byte
}

// Report opens a report on a machine that goes on, from any context, an NMI
// too: what comes through ReportConsole until EndReport belongs to it. Its records
// are ordinary ones of level Alert, which whoever holds the sender sends if it was
// interrupted. It does nothing while another report is open.
func (l *Logger) Report(cause *Cause) {
	d := &l.demand
	if l.crash.dying() || !d.open.CompareAndSwap(0, 1) {
		return
	}
	d.records, d.lost = 0, 0
	d.line.length, d.line.cont = 0, false
	l.block.Set(cause.Regs)
	d.first = l.ring.head.Load()
	next := min(l.network.next.Load(), d.first)
	text := cause.Text
	if len(text) == 0 {
		text = unsafe.Slice(unsafe.StringData(cause.Kind), len(cause.Kind))
	}
	h := wire.Headline{
		Form:      wire.Report,
		Boot:      l.crash.bootID(),
		Cause:     text,
		Exception: exception(cause.Kind),
		PC:        cause.PC,
		HasPC:     cause.HasPC,
		Func:      cause.Func,
		Addr:      cause.Addr,
		HasAddr:   cause.HasAddr,
		Uptime:    l.microseconds(),
		Last:      d.first - 1,
		HasLast:   d.first > 0,
		Unsent:    d.first - next,
		Block:     &l.block,
	}
	headline := wire.AppendHeadline(d.text[:0], &h, wire.HeadlineMax)
	l.addDemand(headline, false)
	for i := h.Shown; i < l.block.Count(); { // those that it had no room for
		text := append(append(d.text[:0], wire.ReportPrefix...), "registers "...)
		text, i = l.block.AppendLine(text, i)
		l.addDemand(text, false)
	}
}

// ReportConsole is Console for the lines of the report that Report opened, and for
// nobody but the context that did: others go on meanwhile.
func (l *Logger) ReportConsole(p []byte) {
	if l.crash.dying() || l.demand.open.Load() == 0 {
		l.Console(p)
		return
	}
	l.demandConsole(p)
}

// EndReport closes what Report opened, with an end record of its own.
func (l *Logger) EndReport() {
	d := &l.demand
	if l.crash.dying() || d.open.Load() == 0 {
		return
	}
	if d.line.length > 0 {
		l.demandBuffer(false)
	}
	// The end record takes a slot as well.
	lost := d.lost
	if l.displaces(l.ring.head.Load()) {
		lost++
	}
	end := wire.End{Form: wire.Report, Boot: l.crash.bootID(), Records: d.records + 1, Lost: lost}
	l.addDemand(wire.AppendEnd(d.text[:0], &end), false)
	d.open.Store(0)
}

// displaces says whether record seq takes the slot of one of the report that was
// not sent.
func (l *Logger) displaces(seq uint64) bool {
	size := l.ring.capacity()
	return seq >= size && seq-size >= max(l.demand.first, l.network.next.Load())
}

// addDemand makes a record of the report, and sends it if nobody else is at it.
func (l *Logger) addDemand(text []byte, cont bool) {
	d := &l.demand
	l.crash.progress.Add(1)
	now := l.microseconds() // a fault behind reserve would leave a record that is never completed
	d.records++
	seq, ok := l.ring.reserve()
	if !ok {
		l.dropped.Add(1)
		d.lost++
		return
	}
	if l.displaces(seq) {
		d.lost++
	}
	l.ring.fill(seq, now, reportLevel, cont, text)
	l.ring.commit(seq)
	l.letGo()
	l.drain(demandMost, false)
}

var demandMost = share{network: Records, serial: 64, holder: heldByReport}

// letGo gives back what the report has kept since it faulted there: nobody else would ever send again. What it was about to send is
// begun anew.
func (l *Logger) letGo() {
	if s := &l.network; s.busy.Load() == heldByReport {
		s.forget()
		s.busy.Store(0)
	}
	if l.serial.busy.Load() == heldByReport {
		l.serial.length, l.serial.done = 0, 0
		l.serial.busy.Store(0)
	}
}

// demandConsole makes a record of every line that comes in pieces.
func (l *Logger) demandConsole(p []byte) {
	b := &l.demand.line
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, newline)
		n := copy(b.text[b.length:reportLine], line)
		b.length += n
		switch {
		case n < len(line):
			l.demandBuffer(true)
			p = p[n:]
		case ended:
			l.demandBuffer(false)
			p = rest
		default:
			p = nil
		}
	}
}

func (l *Logger) demandBuffer(goesOn bool) {
	d := &l.demand
	text, cont := d.line.text[:d.line.length], d.line.cont
	d.line.length, d.line.cont = 0, goesOn
	l.addDemand(append(append(d.text[:0], wire.ReportPrefix...), text...), cont)
}
