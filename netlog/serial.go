package netlog

import (
	"runtime"
	"sync/atomic"

	"gasp/netlog/wire"
)

// A serialLine is the sink of SetConsole.
type serialLine struct {
	sink
	connected atomic.Uint32
}

// SetConsole gives the logger a second sink, usually a serial line: write gets
// every record below the level limit, in the basic format, from the oldest kept
// one on, in any context. Nil takes it away.
func (l *Logger) SetConsole(write func([]byte)) {
	for !l.serial.busy.CompareAndSwap(0, held) {
		runtime.Gosched()
	}
	l.console = write
	l.serial.connected.Store(0)
	if write != nil {
		l.serial.connected.Store(1)
	}
	l.serial.busy.Store(0)
	l.drain(drainMost, false)
}

func (l *Logger) drainSerial(most int, holder uint32) {
	s := &l.serial
	for most > 0 && s.connected.Load() != 0 && s.waiting(&l.ring) && s.busy.CompareAndSwap(0, holder) {
		if s.connected.Load() != 0 {
			most -= l.writeSerial(l.ring.head.Load(), most)
		}
		s.busy.Store(0)
	}
}

// writeSerial writes the records before number end that can be had, and returns
// how many. The caller holds the sink.
func (l *Logger) writeSerial(end uint64, most int) (written int) {
	s := &l.serial
	for ; written < most && s.next.Load() < end && s.take(&l.ring, l.maxLevel()); written++ {
		record := s.wireRecord(s.next.Load())
		message := wire.AppendBasic(s.appendDropped(s.message[:0]), &record)
		s.handed()
		l.console(message)
	}
	return written
}

// finishSerial writes what the serial line has not had, for the crash path:
// whoever held it never runs again, and records never completed are passed by.
func (l *Logger) finishSerial() {
	s := &l.serial
	if s.connected.Load() == 0 {
		return
	}
	for end := l.ring.head.Load(); s.next.Load() < end; {
		l.writeSerial(end, Records)
		if s.next.Load() < end {
			s.lost.Add(1)
			s.next.Add(1)
		}
	}
}
