// Package netlog is the logger of a machine without an operating system: it
// keeps records in a fixed ring and puts them on the wire as Linux netconsole
// does, through a polled network device, from whatever context logs. When the
// machine dies, it reports why.
//
// Log, Console, Poll and the crash functions may be called from a goroutine,
// from an interrupt or exception handler, and from inside one another: they take
// no locks, allocate nothing and store no pointers. The Set functions, Start,
// Write and the slog handler belong to ordinary context.
package netlog

import (
	"math/bits"
	"sync/atomic"
	"time"
	"unsafe"

	"gasp/netlog/wire"
)

// Logger keeps records and sends them. The zero Logger works; it holds about a
// mebibyte and must not be copied.
type Logger struct {
	clock   func() int64
	console func([]byte)
	device  Device
	block   wire.Block // registers in the order of Cause.Regs

	ring    ring
	written lineBuffer // text of Write
	printed lineBuffer // text of Console

	limit   atomic.Uint32 // loglevel=, 0 means defaultLimit
	dropped atomic.Uint64 // records for which the ring had no slot
	hasty   atomic.Uint32 // goroutines do not wait (Options.Drop)
	waits   atomic.Uint64 // how often one did
	network sender
	serial  serialLine
	crash   crash
	final   lastFrame
	demand  demand
	keep    keeper
}

// defaultLimit lets records up to Info out.
const defaultLimit = uint32(Debug)

// New returns a logger of its own, mostly for tests; a machine has Default. It
// keeps the given number of records rounded up to a power of two, from 2 to
// Records; any other number means Records.
func New(records int) *Logger {
	l := new(Logger)
	if records > 1 && records < Records {
		l.ring.spare = Records - 1<<bits.Len(uint(records-1))
	}
	return l
}

// SetClock says how to read the time since boot in nanoseconds. It comes before
// anything else; without it all times are 0 and nothing is repeated.
func (l *Logger) SetClock(clock func() int64) { l.clock = clock }

func (l *Logger) now() int64 {
	if l.clock == nil {
		return 0
	}
	return l.clock()
}

func (l *Logger) microseconds() uint64 {
	return uint64(max(l.now(), 0)) / uint64(time.Microsecond)
}

// Log makes a record of text, without its last newline. Text longer than
// TextSize goes on in further records. When Log returns, the record is with the
// device, unless the device is not ready yet or has no room, or another context is
// sending, which then sends this one too. It never waits.
func (l *Logger) Log(level Level, text string) {
	l.emit(level, unsafe.Slice(unsafe.StringData(text), len(text)))
}

func (l *Logger) emit(level Level, text []byte) {
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
	}
	l.emitPart(level, text, false, false)
}

// emitPart makes records of text, the first one continuing the record before if
// cont is set, and sends them; patient waits for a device that has no room.
func (l *Logger) emitPart(level Level, text []byte, cont, patient bool) {
	if l.crash.dying() {
		l.crashLog(level, text, cont)
		return
	}
	for {
		n := l.emitRecord(level, text, cont, patient, false)
		text, cont = text[n:], true
		if len(text) == 0 {
			return
		}
	}
}

// storeText makes records of text without sending them.
func (l *Logger) storeText(level Level, text []byte, cont bool) {
	for {
		text, cont = text[l.store(level, text, cont):], true
		if len(text) == 0 {
			return
		}
	}
}

// store puts as much of text into the ring as one record holds, and sends
// nothing.
func (l *Logger) store(level Level, text []byte, cont bool) int {
	seq, ok := l.ring.reserve()
	if !ok {
		l.dropped.Add(1)
		return min(len(text), TextSize)
	}
	n := l.ring.fill(seq, l.microseconds(), min(level, Debug), cont, text)
	l.ring.commit(seq)
	return n
}

// How many records one context hands on. Others may log without end on other
// processors, and those with interrupts off are not to serve them for ever; who
// logs next goes on, or the next Poll.
var (
	drainMost = share{network: Records, serial: 64, holder: held}
	pollMost  = share{network: Records, serial: 8, holder: held}
)

type share struct {
	network, serial int
	holder          uint32 // what busy says meanwhile
}

// drain hands on what is ready: to the wire first, the serial line is slow.
func (l *Logger) drain(most share, patient bool) {
	if l.crash.dying() {
		return
	}
	l.drainNetwork(most, patient)
	if l.serial.connected.Load() != 0 {
		l.drainSerial(most.serial, most.holder)
	}
}

func (l *Logger) maxLevel() Level {
	if limit := l.limit.Load(); limit != 0 {
		return Level(limit)
	}
	return Level(defaultLimit)
}
