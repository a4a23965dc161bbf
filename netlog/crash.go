package netlog

import (
	"sync/atomic"
	"unsafe"
)

// The states of a crash.
const (
	alive      uint32 = iota
	collecting        // the runtime is saying why it dies
	reporting         // the report is open
	over              // the end record is out
)

// The steps of a report, in their order. Each is tried once, so that a fault in
// one of them goes on with the next; the headline gets a second try.
type step uint32

const (
	takeOver step = iota
	awaitLink
	findStation
	headline
	backlog
	wholeCause
	body // the traceback, which comes through Console
	lastLine
	endRecord
	flush
	lastSerial
	finished
)

const (
	headlineTries = 2
	// maxFaults inside the report are told and lead back to it.
	maxFaults = 3
)

const (
	bootDigits  = 16
	buildDigits = 64
)

// A crash is the state of the report. It is used by one context only: what ran
// before never runs again.
type crash struct {
	state   atomic.Uint32
	step    step
	tries   int    // of the headline
	again   uint64 // further calls of Dying
	faults  int    // inside the report
	cause   causeCopy
	first   uint64 // number of the headline
	opened  bool   // first is taken
	sent    bool   // the headline went out as far as it could
	records uint64 // of the report so far
	lost    uint64 // of those, not transmitted
	missed  uint64 // records of before that could not be sent
	mute    bool   // there is nothing to send with, or nowhere to send to
	deaf    bool   // the device refused a frame through all tries
	line    lineBuffer
	text    [TextSize]byte
	cut     bool // the headline has not the whole cause
	boot    [bootDigits]byte
	build   [buildDigits]byte
	builds  int
}

func (c *crash) dying() bool      { return c.state.Load() != alive }
func (c *crash) collecting() bool { return c.state.Load() == collecting }
func (c *crash) reporting() bool  { return c.state.Load() == reporting }

// Crashed tells whether Dying or Crash was called.
func (l *Logger) Crashed() bool { return l.crash.dying() }

// Crash opens the report at once, with the cause's text, or its kind if there
// is none. No other context may run any more. A crash inside a report becomes
// part of it; after the third the logger does nothing more.
func (l *Logger) Crash(cause *Cause) {
	c := &l.crash
	if c.state.CompareAndSwap(alive, collecting) {
		l.settle()
		c.cause.set(cause)
		l.advance(body)
		return
	}
	c.faults++
	if c.faults > maxFaults || c.state.Load() == over {
		return
	}
	if c.step > headline && !c.sent && c.tries < headlineTries {
		c.step = headline
	}
	l.advance(body)
	l.reportFault(cause)
}

// End closes the report: the last line, the end record, then the serial line
// gets what it has not had. Only the first call does anything, and only after
// Dying or Crash.
func (l *Logger) End() {
	if s := l.crash.state.Load(); s == collecting || s == reporting {
		l.advance(finished)
	}
}

// advance takes the steps before end that were not taken yet.
func (l *Logger) advance(end step) {
	c := &l.crash
	c.state.Store(reporting)
	for c.step < end {
		step := c.step
		c.step++
		switch step {
		case takeOver:
			l.takeOver()
		case awaitLink:
			l.awaitLink()
		case findStation:
			l.findStation()
		case headline:
			l.reportHeadline()
		case backlog:
			l.sendBacklog()
		case wholeCause:
			l.reportCause()
		case lastLine:
			l.reportLast()
		case endRecord:
			l.reportEnd()
		case flush:
			if !c.mute && l.device.Flush() != nil {
				l.network.errors.Add(1)
			}
		case lastSerial:
			l.finishSerial()
			c.state.Store(over)
		}
	}
}

// identify keeps the digits that name this boot and this image.
func (c *crash) identify(boot, build string) error {
	if boot != "" && (len(boot) != bootDigits || !isHex(boot)) {
		return ErrBoot
	}
	if len(build) > buildDigits || !isHex(build) {
		return ErrBuild
	}
	copy(c.boot[:], boot)
	c.builds = copy(c.build[:], build)
	return nil
}

// bootID is the digits given to Start, or zeros.
func (c *crash) bootID() [bootDigits]byte {
	if c.boot[0] == 0 {
		return [bootDigits]byte([]byte("0000000000000000"))
	}
	return c.boot
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}

// view is b as a string, valid while b is.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
